package main

import (
	"fmt"
	"html"
	"math"
	"strings"
)

// The size of a plot, and of its frame.
const (
	plotWidth, plotHeight             = 720, 420
	plotLeft, plotTop, plotW, plotHei = 70, 40, 460, 320
)

// colors are told apart by people who do not see all colours alike (Okabe and Ito), and lie well on white.
var colors = []string{"#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000"}

// plot is lines over two logarithmic axes.
type plot struct {
	Title, X, Y string
	Series      []series
}

// series is a line.
type series struct {
	Name   string
	Points [][2]float64
}

func (s *series) add(x, y float64) { s.Points = append(s.Points, [2]float64{x, y}) }

// axis maps a range of decades onto pixels.
type axis struct{ low, high, from, to float64 }

// newAxis spans the values of one coordinate, in whole decades.
func newAxis(list []series, coordinate int, from, to float64) axis {
	a := axis{math.Inf(1), math.Inf(-1), from, to}
	for _, s := range list {
		for _, p := range s.Points {
			a.low, a.high = min(a.low, math.Floor(math.Log10(p[coordinate]))), max(a.high, math.Ceil(math.Log10(p[coordinate])))
		}
	}
	a.high = max(a.high, a.low+1)
	return a
}

func (a axis) at(v float64) float64 {
	return a.from + (math.Log10(v)-a.low)/(a.high-a.low)*(a.to-a.from)
}

// svg draws the plot.
func (p plot) svg() string {
	x, y := newAxis(p.Series, 0, plotLeft, plotLeft+plotW), newAxis(p.Series, 1, plotTop+plotHei, plotTop)
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="12" role="img">`+"\n", plotWidth, plotHeight)
	fmt.Fprintf(&b, "<title>%s</title>\n<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n", html.EscapeString(p.Title))
	text(&b, plotLeft, 22, "start", p.Title)
	text(&b, plotLeft+plotW/2, plotHeight-14, "middle", p.X)
	fmt.Fprintf(&b, `<text transform="translate(18 %d) rotate(-90)" text-anchor="middle">%s</text>`+"\n", plotTop+plotHei/2, html.EscapeString(p.Y))
	for d := x.low; d <= x.high; d++ {
		v := math.Pow(10, d)
		line(&b, x.at(v), plotTop, x.at(v), plotTop+plotHei)
		text(&b, x.at(v), plotTop+plotHei+18, "middle", fmt.Sprintf("%g", v))
	}
	for d := y.low; d <= y.high; d++ {
		v := math.Pow(10, d)
		line(&b, plotLeft, y.at(v), plotLeft+plotW, y.at(v))
		text(&b, plotLeft-8, y.at(v)+4, "end", fmt.Sprintf("%g", v))
	}
	for i, s := range p.Series {
		color := colors[i%len(colors)]
		var points []string
		for _, q := range s.Points {
			points = append(points, fmt.Sprintf("%.1f,%.1f", x.at(q[0]), y.at(q[1])))
			fmt.Fprintf(&b, `<circle cx="%.1f" cy="%.1f" r="3" fill="%s"/>`+"\n", x.at(q[0]), y.at(q[1]), color)
		}
		fmt.Fprintf(&b, `<polyline points="%s" fill="none" stroke="%s" stroke-width="2"/>`+"\n", strings.Join(points, " "), color)
		at := float64(plotTop + 14 + 20*i)
		fmt.Fprintf(&b, `<rect x="%d" y="%.0f" width="12" height="4" fill="%s"/>`+"\n", plotLeft+plotW+14, at-6, color)
		text(&b, plotLeft+plotW+32, at, "start", s.Name)
	}
	return b.String() + "</svg>\n"
}

func text(b *strings.Builder, x, y float64, anchor, s string) {
	fmt.Fprintf(b, `<text x="%.1f" y="%.1f" text-anchor="%s">%s</text>`+"\n", x, y, anchor, html.EscapeString(s))
}

func line(b *strings.Builder, x1, y1, x2, y2 float64) {
	fmt.Fprintf(b, `<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" stroke="#ddd"/>`+"\n", x1, y1, x2, y2)
}
