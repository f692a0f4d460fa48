package pickle

import (
	"bytes"
	"errors"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxTextInt bounds an int written as text: Python's own limit on digits (sys.int_info.default_max_str_digits).
const maxTextInt = 4300

// unicode pushes a str whose UTF-8 length has size bytes.
func (r *reader) unicode(size int) error {
	b, err := r.counted(size, "a str")
	if err != nil {
		return err
	}
	if !validWTF8(b) {
		return r.errorf("a str that is not UTF-8")
	}
	return r.push(string(b), len(b))
}

// bytes pushes a bytes or bytearray whose length has size bytes, as a view.
func (r *reader) bytes(size int) error {
	b, err := r.counted(size, "a bytes")
	if err != nil {
		return err
	}
	return r.push(Bytes(b), 0)
}

// binString pushes a str of Python 2.
func (r *reader) binString(size int) error {
	n, err := r.uint(size)
	if err != nil {
		return err
	}
	if n > 1<<31-1 {
		return r.errorf("a negative length")
	}
	b, err := r.read(n, "a str")
	if err != nil {
		return err
	}
	return r.pushASCII(b)
}

// pushASCII pushes a str of Python 2, which Python 3 reads only where it is ASCII.
func (r *reader) pushASCII(b []byte) error {
	if i := slices.IndexFunc(b, func(c byte) bool { return c >= 0x80 }); i >= 0 {
		return r.errorf("a str of Python 2 with byte %#02x: only ASCII is read, as in Python 3", b[i])
	}
	return r.push(string(b), len(b))
}

// textString pushes a quoted, escaped str of protocol 0.
func (r *reader) textString() error {
	b, err := r.line()
	if err != nil {
		return err
	}
	if len(b) < 2 || b[0] != b[len(b)-1] || (b[0] != '\'' && b[0] != '"') {
		return r.errorf("a str without quotes")
	}
	b, ok := unescape(b[1 : len(b)-1])
	if !ok {
		return r.errorf("a str with a broken escape")
	}
	return r.pushASCII(b)
}

// unescape undoes the escapes of a Python bytes literal (codecs.escape_decode).
func unescape(b []byte) ([]byte, bool) {
	const from, to = `\'"abfnrtv`, "\\'\"\a\b\f\n\r\t\v"
	var out []byte
	for len(b) > 0 {
		if b[0] != '\\' {
			out, b = append(out, b[0]), b[1:]
			continue
		}
		if len(b) < 2 {
			return nil, false
		}
		c := b[1]
		switch i := strings.IndexByte(from, c); {
		case i >= 0:
			out, b = append(out, to[i]), b[2:]
		case c == 'x':
			n, err := strconv.ParseUint(string(b[2:min(4, len(b))]), 16, 8)
			if err != nil || len(b) < 4 {
				return nil, false
			}
			out, b = append(out, byte(n)), b[4:]
		case '0' <= c && c <= '7':
			n, k := 0, 1
			for ; k < min(4, len(b)) && '0' <= b[k] && b[k] <= '7'; k++ {
				n = n*8 + int(b[k]-'0')
			}
			out, b = append(out, byte(n)), b[k:]
		default:
			out, b = append(out, '\\', c), b[2:]
		}
	}
	return out, true
}

// textUnicode pushes a str in the raw-unicode-escape encoding of protocol 0.
func (r *reader) textUnicode() error {
	b, err := r.line()
	if err != nil {
		return err
	}
	out := make([]byte, 0, len(b))
	for len(b) > 0 {
		c := b[0]
		b = b[1:]
		if c != '\\' || len(b) == 0 {
			out = appendWTF8(out, rune(c))
			continue
		}
		digits := map[byte]int{'u': 4, 'U': 8}[b[0]]
		if digits == 0 {
			out = appendWTF8(append(out, '\\'), rune(b[0]))
			b = b[1:]
			continue
		}
		if len(b) <= digits {
			return r.errorf("a str with a broken \\%c escape", b[0])
		}
		n, err := strconv.ParseUint(string(b[1:1+digits]), 16, 32)
		if err != nil || n > utf8.MaxRune {
			return r.errorf("a str with a broken \\%c escape", b[0])
		}
		out = appendWTF8(out, rune(n))
		b = b[1+digits:]
	}
	return r.push(string(out), len(out))
}

// textInt pushes an int of protocol 0: INT (which also writes the bools) or LONG.
func (r *reader) textInt(op byte) error {
	b, err := r.line()
	if err != nil {
		return err
	}
	if op == opInt && (string(b) == "00" || string(b) == "01") {
		return r.push(b[1] == '1', 0)
	}
	if op == opLong {
		b = bytes.TrimSuffix(b, []byte("L"))
	}
	if len(b) > maxTextInt || !isDecimal(b) {
		return r.errorf("not an int in decimal digits (at most %d)", maxTextInt)
	}
	n, _ := new(big.Int).SetString(string(b), 10)
	return r.push(narrow(n), len(b))
}

// isDecimal says that a text is an int as Python's repr writes it.
func isDecimal(b []byte) bool {
	b = bytes.TrimPrefix(b, []byte("-"))
	if len(b) == 0 || len(b) > 1 && b[0] == '0' {
		return false
	}
	for _, c := range b {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

// textFloat pushes a float of protocol 0.
func (r *reader) textFloat() error {
	b, err := r.line()
	if err != nil {
		return err
	}
	if len(b) > maxTextInt || bytes.ContainsFunc(b, notInFloat) {
		return r.errorf("not a float")
	}
	f, err := strconv.ParseFloat(string(b), 64)
	if err != nil && !isRange(err) {
		return r.errorf("not a float")
	}
	if math.IsNaN(f) {
		f = math.Float64frombits(0x7ff8 << 48) // Python's NaN; ParseFloat's has another payload
	}
	return r.push(f, 0)
}

// notInFloat says that a character is not in any float that Python's repr writes (ParseFloat reads more).
func notInFloat(c rune) bool { return !strings.ContainsRune("0123456789+-.einfa", c) }

// isRange says that a number is well formed and too large: Python reads it as infinity, as ParseFloat does.
func isRange(err error) bool {
	return errors.Is(err, strconv.ErrRange)
}

// textIndex reads a memo index of protocol 0.
func (r *reader) textIndex() (uint64, error) {
	b, err := r.line()
	if err != nil {
		return 0, err
	}
	i, err := strconv.ParseUint(string(b), 10, 63)
	if err != nil {
		return 0, r.errorf("not a memo index")
	}
	return i, nil
}

// doLong pushes an int in two's complement, little-endian.
func (r *reader) doLong(op byte) error {
	size := 1
	if op == opLong4 {
		size = 4
	}
	n, err := r.uint(size)
	if err != nil {
		return err
	}
	if n > 1<<31-1 {
		return r.errorf("a negative length")
	}
	b, err := r.read(n, "an int")
	if err != nil {
		return err
	}
	return r.push(twosComplement(b), len(b))
}

// twosComplement reads an int, little-endian; no bytes are 0.
func twosComplement(b []byte) Value {
	be := slices.Clone(b)
	slices.Reverse(be)
	n := new(big.Int).SetBytes(be)
	if len(be) > 0 && be[0] >= 0x80 {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(be))))
	}
	return narrow(n)
}

// narrow returns an int64 where the number fits one.
func narrow(n *big.Int) Value {
	if n.IsInt64() {
		return n.Int64()
	}
	return n
}

// validWTF8 says that b is UTF-8, lone surrogates allowed (Python's surrogatepass).
func validWTF8(b []byte) bool {
	if utf8.Valid(b) {
		return true
	}
	for len(b) > 0 {
		c, n := utf8.DecodeRune(b)
		if c == utf8.RuneError && n == 1 {
			if len(b) < 3 || b[0] != 0xed || b[1]&0xe0 != 0xa0 || b[2]&0xc0 != 0x80 {
				return false
			}
			n = 3
		}
		b = b[n:]
	}
	return true
}

// appendWTF8 appends a code point, which may be a surrogate.
func appendWTF8(b []byte, c rune) []byte {
	if 0xd800 <= c && c <= 0xdfff {
		return append(b, 0xed, byte(0x80|c>>6&0x3f), byte(0x80|c&0x3f))
	}
	return utf8.AppendRune(b, c)
}

// latin1 encodes a str as Python's latin-1 codec does.
func latin1(s string) (Bytes, bool) {
	out := make(Bytes, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c < 0x80:
			out = append(out, c)
		case c <= 0xc3 && i+1 < len(s):
			i++
			out = append(out, c<<6|s[i]&0x3f)
		default:
			return nil, false
		}
	}
	return out, true
}
