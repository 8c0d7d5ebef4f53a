;; A renderer that answers each text with itself, unless the first one begins with "!": then it does what
;; stands in MISCHIEF, which may leave the function by `return` with an answer of its own.
(module
  IMPORTS
  (memory (export "memory") 1)
  (global $next (mut i32) (i32.const 4096))

  (func $reserve (param $bytes i32)
    (block $enough
      (loop $more
        (br_if $enough (i32.le_u (local.get $bytes) (i32.mul (memory.size) (i32.const 65536))))
        (if (i32.eq (memory.grow (i32.const 1)) (i32.const -1)) (then (unreachable)))
        (br $more))))

  (func $allocate (export "cabi_realloc")
    (param $old i32) (param $old_size i32) (param $align i32) (param $size i32) (result i32)
    (local $at i32)
    (local.set $at (i32.and
      (i32.add (global.get $next) (i32.sub (local.get $align) (i32.const 1)))
      (i32.sub (i32.const 0) (local.get $align))))
    (global.set $next (i32.add (local.get $at) (local.get $size)))
    (call $reserve (global.get $next))
    (local.get $at))

  ;; A list that begins at $at with $count items, as an answer.
  (func $answer (param $at i32) (param $count i32) (result i32)
    (i32.store (i32.const 16) (local.get $at))
    (i32.store (i32.const 20) (local.get $count))
    (i32.const 16))

  ;; One rendered text whose HTML is $size bytes from $html on.
  (func $one (param $html i32) (param $size i32) (result i32)
    (memory.fill (i32.const 64) (i32.const 0) (i32.const 32))
    (i32.store (i32.const 64) (local.get $html))
    (i32.store (i32.const 68) (local.get $size))
    (call $answer (i32.const 64) (i32.const 1)))

  (func $endless (param $depth i32) (result i32)
    (i32.add (call $endless (i32.add (local.get $depth) (i32.const 1))) (i32.const 1)))

  (func (export "pappus:plugin/text-renderer@0.1.0#render") (param $sources i32) (param $count i32) (result i32)
    (local $n i32) (local $source i32) (local $to i32) (local $rendered i32)
    (if (local.get $count)
      (then
        (if (i32.load offset=4 (local.get $sources))
          (then
            (if (i32.eq (i32.load8_u (i32.load (local.get $sources))) (i32.const 33))
              (then MISCHIEF))))))
    (local.set $rendered
      (call $allocate (i32.const 0) (i32.const 0) (i32.const 4) (i32.mul (local.get $count) (i32.const 32))))
    (block $done
      (loop $next_text
        (br_if $done (i32.ge_u (local.get $n) (local.get $count)))
        (local.set $source (i32.add (local.get $sources) (i32.mul (local.get $n) (i32.const 20))))
        (local.set $to (i32.add (local.get $rendered) (i32.mul (local.get $n) (i32.const 32))))
        (i64.store (local.get $to) (i64.load align=4 (local.get $source)))
        (i64.store offset=8 (local.get $to) (i64.load align=4 (local.get $source)))
        (i64.store offset=16 (local.get $to) (i64.const 0))
        (i64.store offset=24 (local.get $to) (i64.const 0))
        (local.set $n (i32.add (local.get $n) (i32.const 1)))
        (br $next_text)))
    (call $answer (local.get $rendered) (local.get $count))))
