package pickle

import "fmt"

// checkDepth refuses a tree whose containers nest deeper than most. A container that is reached on
// several ways counts with the longest; an edge that closes a cycle does not count.
//
// It walks without recursion, and each container once.
func checkDepth(root Value, most int) error {
	type frame struct {
		node         Value
		next, height int
	}
	heights := map[Value]int{} // 0 while the container is on the path
	var path []frame
	enter := func(v Value) error {
		if !isContainer(v) {
			return nil
		}
		height, seen := heights[v]
		if len(path)+max(height, 1) > most {
			return fmt.Errorf("containers nest more than %d deep (Limits.Depth): %w", most, ErrLimit)
		}
		if !seen {
			heights[v] = 0
			path = append(path, frame{node: v, height: 1})
		} else if len(path) > 0 {
			top := &path[len(path)-1]
			top.height = max(top.height, height+1)
		}
		return nil
	}
	if err := enter(root); err != nil {
		return err
	}
	for len(path) > 0 {
		top := &path[len(path)-1]
		v, ok := child(top.node, top.next)
		top.next++
		if ok {
			if err := enter(v); err != nil {
				return err
			}
			continue
		}
		done := *top
		path = path[:len(path)-1]
		heights[done.node] = done.height
		if len(path) > 0 {
			up := &path[len(path)-1]
			up.height = max(up.height, done.height+1)
		}
	}
	return nil
}

// isContainer says that a value may hold others.
func isContainer(v Value) bool {
	switch v := v.(type) {
	case *List:
		return len(v.Items) > 0
	case *Tuple:
		return len(v.Items) > 0
	case *Set:
		return len(v.Items) > 0
	case *Dict:
		return v != nil && len(v.Pairs) > 0
	case *Array:
		return len(v.Objects) > 0
	case *Object:
		return true
	case *Scalar:
		return v.Object != nil
	default:
		return false
	}
}

// child returns the i-th value inside a container.
func child(v Value, i int) (Value, bool) {
	switch v := v.(type) {
	case *List:
		return at(v.Items, i)
	case *Tuple:
		return at(v.Items, i)
	case *Set:
		return at(v.Items, i)
	case *Array:
		return at(v.Objects, i)
	case *Dict:
		return atPair(v.Pairs, i)
	case *Object:
		return objectChild(v, i)
	case *Scalar:
		return v.Object, i == 0
	default:
		return nil, false
	}
}

func objectChild(o *Object, i int) (Value, bool) {
	switch i {
	case 0:
		return o.Class, true
	case 1:
		return o.Kwargs, true
	case 2:
		return o.State, true
	}
	i -= 3
	if i < len(o.Args) {
		return o.Args[i], true
	}
	i -= len(o.Args)
	if i < len(o.Items) {
		return o.Items[i], true
	}
	return atPair(o.Pairs, i-len(o.Items))
}

func at(items []Value, i int) (Value, bool) {
	if i >= len(items) {
		return nil, false
	}
	return items[i], true
}

// atPair counts keys and values alternately.
func atPair(pairs []Pair, i int) (Value, bool) {
	if i >= 2*len(pairs) {
		return nil, false
	}
	if i%2 == 0 {
		return pairs[i/2].Key, true
	}
	return pairs[i/2].Value, true
}
