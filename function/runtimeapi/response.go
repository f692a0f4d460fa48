package runtimeapi

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/textproto"
	"strconv"
	"strings"
)

// response is the head of a response of HTTP/1.1, or of HTTP/1.0 as simple servers speak it (RFC 9112).
type response struct {
	version string // "HTTP/1.1" or "HTTP/1.0"
	status  int
	header  textproto.MIMEHeader
}

// readHead reads the status line and the headers.
func readHead(r *bufio.Reader) (response, error) {
	text := textproto.NewReader(r)
	line, err := text.ReadLine()
	if err != nil {
		return response{}, cutShort(err)
	}
	version, rest, _ := strings.Cut(line, " ")
	code, _, _ := strings.Cut(rest, " ")
	status, err := strconv.Atoi(code)
	if err != nil || len(code) != 3 || version != "HTTP/1.1" && version != "HTTP/1.0" {
		return response{}, fmt.Errorf("got %.80q, want a status line of HTTP/1.1", line)
	}
	header, err := text.ReadMIMEHeader()
	return response{version, status, header}, cutShort(err)
}

// readBody appends the body to out: so many bytes as the head says, chunks, or what there is until the connection ends.
func (h *response) readBody(r *bufio.Reader, out *bytes.Buffer) error {
	if encoding := h.header.Get("Transfer-Encoding"); encoding != "" {
		if !strings.EqualFold(encoding, "chunked") {
			return fmt.Errorf("transfer encoding %q, want chunked", encoding)
		}
		return readChunks(r, out)
	}
	length := h.header.Get("Content-Length")
	if length == "" {
		_, err := out.ReadFrom(r)
		return err
	}
	n, err := strconv.ParseUint(length, 10, 31)
	if err != nil {
		return fmt.Errorf("content length %q, want a number", length)
	}
	return copyBytes(out, r, int64(n))
}

// readChunks appends the chunks of a body, and passes over its trailer.
func readChunks(r *bufio.Reader, out *bytes.Buffer) error {
	text := textproto.NewReader(r)
	for {
		line, err := text.ReadLine()
		if err != nil {
			return cutShort(err)
		}
		size, _, _ := strings.Cut(line, ";") // extensions mean nothing to us
		n, err := strconv.ParseUint(strings.TrimSpace(size), 16, 31)
		if err != nil {
			return fmt.Errorf("got %.80q, want the size of a chunk", line)
		}
		if n == 0 {
			_, err := text.ReadMIMEHeader()
			return cutShort(err)
		}
		if err := copyBytes(out, r, int64(n)); err != nil {
			return err
		}
		if line, err = text.ReadLine(); err != nil {
			return cutShort(err)
		}
		if line != "" {
			return fmt.Errorf("got %.80q, want the end of a chunk of %d bytes", line, n)
		}
	}
}

// copyBytes appends n bytes.
func copyBytes(out *bytes.Buffer, r *bufio.Reader, n int64) error {
	out.Grow(int(n) + bytes.MinRead)
	_, err := io.CopyN(out, r, n)
	return cutShort(err)
}

// cutShort is err, where the end of a connection is none of a response.
func cutShort(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// closes reports that the connection ends with this response.
func (h *response) closes() bool {
	connection := h.header.Get("Connection")
	return strings.EqualFold(connection, "close") || h.version == "HTTP/1.0" && !strings.EqualFold(connection, "keep-alive") ||
		h.header.Get("Content-Length") == "" && h.header.Get("Transfer-Encoding") == ""
}
