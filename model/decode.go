package model

import (
	"encoding/json"
	"fmt"

	"sklambda/model/table"
)

// This file reads manifest.json field by field. encoding/json would spend more of a start on learning the shapes of the structs, by reflection,
// than on reading. A test holds each field to what encoding/json writes.

func readManifestFields(d *table.Decoder, m *Manifest) error {
	return d.Object(func(name string) error {
		switch name {
		case "schema_version":
			return readInt(d, &m.SchemaVersion)
		case "name":
			return readText(d, &m.Name)
		case "version":
			return readText(d, &m.Version)
		case "task":
			return readText(d, &m.Task)
		case "features":
			return readList(d, &m.Features, readFeature)
		case "classes":
			return readList(d, &m.Classes, readClasses)
		case "positive_class":
			return readPointer(d, &m.Positive, readInt)
		case "threshold":
			return readPointer(d, &m.Threshold, readFloat)
		case "decimals":
			return readPointer(d, &m.Decimals, readInt)
		case "outputs":
			return readList(d, &m.Outputs, readOutput)
		case "pipeline":
			return readList(d, &m.Pipeline, readEstimator)
		case "notes":
			return readList(d, &m.Notes, readText)
		case "source":
			return readSource(d, &m.Source)
		case "golden":
			return readPointer(d, &m.Golden, readGoldenFields)
		case "files":
			return readMap(d, &m.Files, readFile)
		}
		return unknownField(name)
	})
}

func readFeature(d *table.Decoder, f *Feature) error {
	return d.Object(func(name string) error {
		switch name {
		case "name":
			return readText(d, &f.Name)
		case "type":
			return readText(d, &f.Type)
		case "dtype":
			return readText(d, &f.DType)
		case "nullable":
			return readBool(d, &f.Nullable)
		case "null_is_none":
			return readBool(d, &f.NullIsNone)
		case "used":
			return readBool(d, &f.Used)
		case "categories":
			return readList(d, &f.Categories, readRaw)
		case "min":
			return readPointer(d, &f.Min, readFloat)
		case "max":
			return readPointer(d, &f.Max, readFloat)
		case "quantiles":
			return readList(d, &f.Quantiles, readFloat)
		}
		return unknownField(name)
	})
}

func readClasses(d *table.Decoder, classes *[]Class) error {
	return readList(d, classes, func(d *table.Decoder, c *Class) error { return readRaw(d, &c.RawMessage) })
}

func readOutput(d *table.Decoder, o *Output) error {
	return d.Object(func(name string) error {
		switch name {
		case "name":
			return readText(d, &o.Name)
		case "width":
			return readInt(d, &o.Width)
		case "tolerance":
			return readFloat(d, &o.Tolerance)
		case "reason":
			return readText(d, &o.Reason)
		}
		return unknownField(name)
	})
}

func readEstimator(d *table.Decoder, e *Estimator) error {
	return d.Object(func(name string) error {
		switch name {
		case "path":
			return readText(d, &e.Path)
		case "class":
			return readText(d, &e.Class)
		case "params":
			return readMap(d, &e.Params, readRaw)
		}
		return unknownField(name)
	})
}

func readSource(d *table.Decoder, s *Source) error {
	return d.Object(func(name string) error {
		switch name {
		case "name":
			return readText(d, &s.Name)
		case "sha256":
			return readText(d, &s.SHA256)
		case "size":
			return readInt(d, &s.Size)
		case "versions":
			return readMap(d, &s.Versions, readText)
		}
		return unknownField(name)
	})
}

func readGoldenFields(d *table.Decoder, g *Golden) error {
	return d.Object(func(name string) error {
		switch name {
		case "rows":
			return readInt(d, &g.Rows)
		case "self_test":
			return readList(d, &g.SelfTest, readInt)
		case "undecided":
			return readInt(d, &g.Undecided)
		case "hunt":
			return readPointer(d, &g.Hunt, readHunt)
		}
		return unknownField(name)
	})
}

func readHunt(d *table.Decoder, h *Hunt) error {
	return d.Object(func(name string) error {
		switch name {
		case "rows":
			return readInt(d, &h.Rows)
		case "largest":
			return readFloat(d, &h.Largest)
		}
		return unknownField(name)
	})
}

func readFile(d *table.Decoder, f *File) error {
	return d.Object(func(name string) error {
		switch name {
		case "sha256":
			return readText(d, &f.SHA256)
		case "size":
			return readInt(d, &f.Size)
		}
		return unknownField(name)
	})
}

func unknownField(name string) error { return fmt.Errorf("unknown field %q", name) }

func readText[S ~string](d *table.Decoder, to *S) error {
	s, err := d.Text()
	*to = S(s)
	return err
}

func readInt[N int | int64](d *table.Decoder, to *N) error {
	n, err := d.Int()
	*to = N(n)
	return err
}

func readFloat(d *table.Decoder, to *float64) (err error) {
	*to, err = d.Float()
	return err
}

func readBool(d *table.Decoder, to *bool) (err error) {
	*to, err = d.Bool()
	return err
}

func readRaw(d *table.Decoder, to *json.RawMessage) (err error) {
	*to, err = d.Raw()
	return err
}

func readPointer[T any](d *table.Decoder, to **T, read func(*table.Decoder, *T) error) error {
	*to = new(T)
	return read(d, *to)
}

func readList[T any](d *table.Decoder, to *[]T, read func(*table.Decoder, *T) error) error {
	list := make([]T, 0, 8)
	err := d.Array(func(int) error {
		list = append(list, *new(T))
		return read(d, &list[len(list)-1])
	})
	*to = list
	return err
}

func readMap[T any](d *table.Decoder, to *map[string]T, read func(*table.Decoder, *T) error) error {
	m := map[string]T{}
	*to = m
	return d.Object(func(name string) error {
		var v T
		err := read(d, &v)
		m[name] = v
		return err
	})
}
