package table

import (
	"math"
	"strconv"
	"strings"
)

// AppendFloat appends a number in JSON's shortest form that reads back as the same float64, unrounded: fixed notation from 1e-6 up to 1e21, else
// with an exponent, no trailing ".0". Negative zero is -0.0, since JSON readers take -0 for the integer 0. What JSON cannot write is one
// of the strings "NaN", "Infinity", "-Infinity".
func AppendFloat(dst []byte, f float64) []byte {
	switch abs := math.Abs(f); {
	case math.IsNaN(f):
		return append(dst, `"NaN"`...)
	case math.IsInf(f, 1):
		return append(dst, `"Infinity"`...)
	case math.IsInf(f, -1):
		return append(dst, `"-Infinity"`...)
	case f == 0 && math.Signbit(f):
		return append(dst, "-0.0"...)
	case f != 0 && (abs < 1e-6 || abs >= 1e21):
		return appendExponent(dst, f)
	case abs >= 1<<53 || f == math.Trunc(f):
		return strconv.AppendFloat(dst, f, 'f', -1, 64)
	case f < 0:
		return appendFraction(append(dst, '-'), abs)
	default:
		return appendFraction(dst, f)
	}
}

// appendExponent appends with an exponent, without the zero that Go puts before an exponent of one digit.
func appendExponent(dst []byte, f float64) []byte {
	dst = strconv.AppendFloat(dst, f, 'e', -1, 64)
	if n := len(dst); n >= 4 && dst[n-4] == 'e' && dst[n-2] == '0' {
		dst[n-2] = dst[n-1]
		dst = dst[:n-1]
	}
	return dst
}

// AppendString appends a JSON string. Nothing is escaped that JSON does not ask to be.
func AppendString(dst []byte, s string) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	start := 0
	for i := range len(s) {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		dst = append(dst, s[start:i]...)
		start = i + 1
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\r':
			dst = append(dst, '\\', 'r')
		case '\t':
			dst = append(dst, '\\', 't')
		default:
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
	}
	dst = append(dst, s[start:]...)
	return append(dst, '"')
}

// AppendValue appends a value as JSON: the number, string, boolean or null that it was. Absent and Other are null.
func AppendValue(dst []byte, v Value) []byte {
	switch v.Kind {
	case Number:
		if v.IsInt && v.Int != 0 {
			return strconv.AppendInt(dst, v.Int, 10)
		}
		return AppendFloat(dst, v.Float)
	case Boolean:
		return strconv.AppendBool(dst, v.Float == 1)
	case Text, Cell:
		return AppendString(dst, v.Text)
	default:
		return append(dst, "null"...)
	}
}

// AppendCell appends a CSV cell of text, in quotes where it has to be: the empty string is "", as an empty cell is a missing one.
func AppendCell(dst []byte, s string) []byte {
	if s != "" && !strings.ContainsAny(s, ",\"\r\n") && s[0] != ' ' && s[len(s)-1] != ' ' {
		return append(dst, s...)
	}
	dst = append(dst, '"')
	for {
		before, after, found := strings.Cut(s, `"`)
		dst = append(dst, before...)
		if !found {
			return append(dst, '"')
		}
		dst = append(dst, `""`...)
		s = after
	}
}

// AppendCellFloat appends a number as a CSV cell: as AppendFloat, without quotes.
func AppendCellFloat(dst []byte, f float64) []byte {
	start := len(dst)
	dst = AppendFloat(dst, f)
	if dst[start] == '"' {
		return append(dst[:start], dst[start+1:len(dst)-1]...)
	}
	return dst
}
