(module
  (func $inner (drop (i32.div_s (i32.const 1) (i32.const 0))))
  (func $start (call $inner))
  (start $start))
