package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// load posts bodies to /predict over some connections, each with one request under way, for some time; it gives the answers a second. It writes requests
// that were made ready and reads answers by hand: net/http's client would cost more than the services that are measured.
func load(address string, bodies [][]byte, connections int, turn time.Duration) (rate float64, err error) {
	requests := make([][]byte, len(bodies))
	for i, body := range bodies {
		requests[i] = fmt.Appendf(nil, "POST /predict HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", address, len(body), body)
	}
	var answers atomic.Int64
	errs := make([]error, connections)
	var group sync.WaitGroup
	from := time.Now()
	end := from.Add(turn)
	for c := range connections {
		group.Go(func() { errs[c] = loadOne(address, requests, c, end, &answers) })
	}
	group.Wait()
	took := time.Since(from)
	for _, err := range errs {
		if err != nil {
			return 0, err
		}
	}
	return float64(answers.Load()) / took.Seconds(), nil
}

// loadOne is one connection.
func loadOne(address string, requests [][]byte, at int, end time.Time, answers *atomic.Int64) error {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	if err := conn.SetDeadline(end.Add(10 * time.Second)); err != nil {
		return err
	}
	in := bufio.NewReader(conn)
	for ; time.Now().Before(end); at++ {
		if _, err := conn.Write(requests[at%len(requests)]); err != nil {
			return err
		}
		if err := readAnswer(in); err != nil {
			return err
		}
		answers.Add(1)
	}
	return nil
}

// readAnswer reads a response with a Content-Length; any status but 200 is an error.
func readAnswer(in *bufio.Reader) error {
	status, err := in.ReadSlice('\n')
	if err != nil {
		return err
	}
	if !bytes.HasPrefix(status, []byte("HTTP/1.1 200")) {
		return fmt.Errorf("the service answered %q", status)
	}
	length := -1
	for {
		line, err := in.ReadSlice('\n')
		if err != nil {
			return err
		}
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 {
			break
		}
		if name, value, _ := bytes.Cut(line, []byte(":")); http.CanonicalHeaderKey(string(name)) == "Content-Length" {
			if length, err = strconv.Atoi(string(bytes.TrimSpace(value))); err != nil {
				return err
			}
		}
	}
	if length < 0 {
		return fmt.Errorf("the service answered without a Content-Length")
	}
	_, err = io.CopyN(io.Discard, in, int64(length))
	return err
}
