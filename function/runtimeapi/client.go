package runtimeapi

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"time"
)

// Client talks to a Runtime API, one request at a time.
type Client struct {
	address string
	timeout time.Duration // of a connection from its beginning; 0 for none
	conn    net.Conn      // nil before the first request, and after the API has closed it
	reader  *bufio.Reader
	body    bytes.Buffer // of the last response
}

// New returns a client for a host and port, the value of AWS_LAMBDA_RUNTIME_API. It connects with its first request.
func New(address string) *Client { return &Client{address: address} }

// exchange sends a request and reads its response, whose body is in c.body until the next. header is lines of the request. Another status than want is an
// error.
func (c *Client) exchange(method, path, header string, body []byte, want int) (textproto.MIMEHeader, error) {
	head := fmt.Appendf(nil, "%s %s%s HTTP/1.1\r\nHost: %s\r\nUser-Agent: sklambda\r\n%s\r\n", method, prefix, path, c.address, header)
	kept := c.conn != nil
	err := c.send(head, body)
	if err != nil && kept {
		err = c.send(head, body) // an API may close a connection between two requests
	}
	var r response
	if err == nil {
		r, err = c.receive(want)
	}
	if err != nil {
		return nil, fmt.Errorf("the Runtime API: %s %s: %w", method, path, err)
	}
	return r.header, nil
}

// send writes a request, and waits for the first byte of its response. Without it the connection is closed: the next is another.
func (c *Client) send(head, body []byte) error {
	if err := c.dial(); err != nil {
		return err
	}
	request := net.Buffers{head, body}
	_, err := request.WriteTo(c.conn)
	_, silence := c.reader.Peek(1)
	if silence == nil { // whatever became of the request: an API may refuse it before its end
		return nil
	}
	c.close()
	return cmp.Or(err, silence)
}

// receive reads a response. Bytes beyond it, which no request of ours asked for, are not taken for the beginning of the next.
func (c *Client) receive(want int) (response, error) {
	r, err := readHead(c.reader)
	if err == nil {
		c.body.Reset()
		if r.status == want {
			err = r.readBody(c.reader, &c.body)
		} else {
			err = c.refusal(&r)
		}
	}
	if err != nil || r.closes() || c.reader.Buffered() > 0 {
		c.close()
	}
	return r, err
}

// refusal is the error of a response with another status than is wanted: as much of its body as comes soon is told, even if there is no end of it.
func (c *Client) refusal(r *response) error {
	err := c.conn.SetReadDeadline(time.Now().Add(endTimeout))
	if err == nil {
		_ = r.readBody(c.reader, &c.body) // the status says what is wrong
	}
	return fmt.Errorf("it answered status %d: %.200q", r.status, c.body.Bytes())
}

// dial connects if there is no connection.
func (c *Client) dial() error {
	if c.conn != nil {
		return nil
	}
	if c.address == "" {
		return errors.New("AWS_LAMBDA_RUNTIME_API is not set; Lambda sets it: on another machine use sklambda serve")
	}
	conn, err := net.DialTimeout("tcp", c.address, c.timeout)
	if err != nil {
		return err
	}
	if c.timeout > 0 {
		if err := conn.SetDeadline(time.Now().Add(c.timeout)); err != nil {
			return errors.Join(err, conn.Close())
		}
	}
	c.conn, c.reader = conn, bufio.NewReader(conn)
	return nil
}

func (c *Client) close() {
	_ = c.conn.Close() // it is of no more use
	c.conn = nil
}
