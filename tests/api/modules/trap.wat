(module
  (import "host" "fail" (func $fail (result i32)))
  (func (export "callback") (result i32) (call $fail))
  (func (export "unreachable") (result i32) (unreachable))
  (func $recurse (export "recurse") (call $recurse)))
