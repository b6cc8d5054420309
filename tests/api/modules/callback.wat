(module
  (import "host" "add" (func $add (param i32 i32) (result i32)))
  (import "host" "closure" (func $closure (result i64)))
  (func (export "run") (param i32 i32) (result i64)
    (i64.add (i64.extend_i32_s (call $add (local.get 0) (local.get 1))) (call $closure))))
