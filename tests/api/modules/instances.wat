(module
  (memory (export "memory") 1 4)
  (table (export "table") 4 funcref)
  (func (export "get") (result i32) (i32.load (i32.const 0)))
  (func (export "set") (param i32) (i32.store (i32.const 0) (local.get 0)))
  (func (export "size") (result i32) (memory.size))
  (global (export "extern") (mut externref) (ref.null extern))
  (global (export "func") (mut funcref) (ref.null func))
  (data (i32.const 0) "\2a"))
