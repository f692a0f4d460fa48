package table_test

import (
	"fmt"

	"sklambda/model/table"
)

func ExampleColumns_ParseObject() {
	columns := table.NewColumns([]string{"age", "city"})
	row := make([]table.Value, columns.Len())
	problems, err := columns.ParseObject([]byte(`{"city":"Köln","age":41}`), row)
	fmt.Println(row[0].Float, row[1].Text, problems, err)

	problems, err = columns.ParseObject([]byte(`{"city":"Köln","age":1e400}`), row)
	fmt.Println(problems, err)

	_, err = columns.ParseObject([]byte(`{"city":"Köln","age":NaN}`), row)
	fmt.Println(err)
	// Output:
	// 41 Köln [] <nil>
	// [{age number_out_of_range the number is beyond the range of float64}] <nil>
	// byte 22, in field "age": got "NaN", expected a value
}
