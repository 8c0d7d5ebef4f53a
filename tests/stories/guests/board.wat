;; A plugin with pages, of which the first letter of the route decides what stands there. What the pod hands over lies
;; at $asked: a call-context of 88 bytes, then verb (88), route (92), params (100), query (108) and form (116). The
;; answer is made at 2048: ok or not, then which response (4), then what it holds (8).
(module
  (memory (export "memory") 40)
  (global $next (mut i32) (i32.const 4096))
  (data (i32.const 1024) "about")
  (data (i32.const 1040) "form.html")
  (data (i32.const 1056) "{}")
  (data (i32.const 1072) "gone.html")

  (func (export "cabi_realloc")
    (param $old i32) (param $old_size i32) (param $align i32) (param $size i32) (result i32)
    (local $at i32)
    (local.set $at (i32.and
      (i32.add (global.get $next) (i32.sub (local.get $align) (i32.const 1)))
      (i32.sub (i32.const 0) (local.get $align))))
    (global.set $next (i32.add (local.get $at) (local.get $size)))
    (local.get $at))

  (func $response (param $which i32) (result i32)
    (i32.store8 (i32.const 2052) (local.get $which))
    (i32.const 2048))

  ;; Two texts of an answer, by where they are in it.
  (func $text (param $in i32) (param $at i32) (param $size i32)
    (i32.store (local.get $in) (local.get $at))
    (i32.store offset=4 (local.get $in) (local.get $size)))

  (func $page (param $template i32) (result i32)
    (call $text (i32.const 2056) (i32.const 1024) (i32.const 5))
    (call $text (i32.const 2080) (local.get $template) (i32.const 9))
    (call $text (i32.const 2088) (i32.const 1056) (i32.const 2))
    (call $response (i32.const 0)))

  (func (export "pappus:plugin/pages@0.1.0#serve") (param $asked i32) (result i32)
    (local $letter i32) (local $pair i32)
    (memory.fill (i32.const 2048) (i32.const 0) (i32.const 64))
    (local.set $letter (i32.load8_u (i32.load offset=92 (local.get $asked))))
    ;; the first field of the form, or of the query where nothing was sent
    (local.set $pair (i32.load offset=108 (local.get $asked)))
    (if (i32.load8_u offset=88 (local.get $asked))
      (then (local.set $pair (i32.load offset=116 (local.get $asked)))))
    ;; e: the route in the title, the value of the field as HTML
    (if (i32.eq (local.get $letter) (i32.const 101))
      (then
        (call $text (i32.const 2056) (i32.const 1024) (i32.const 5))
        (i32.store8 (i32.const 2064) (i32.const 1))
        (call $text (i32.const 2068)
          (i32.load offset=92 (local.get $asked)) (i32.load offset=96 (local.get $asked)))
        (i32.store8 (i32.const 2076) (i32.const 1))
        (call $text (i32.const 2080)
          (i32.load offset=8 (local.get $pair)) (i32.load offset=12 (local.get $pair)))
        (return (call $response (i32.const 0)))))
    ;; f, g: a template with a form, and one that is not there
    (if (i32.eq (local.get $letter) (i32.const 102)) (then (return (call $page (i32.const 1040)))))
    (if (i32.eq (local.get $letter) (i32.const 103)) (then (return (call $page (i32.const 1072)))))
    ;; r: leads to the value
    (if (i32.eq (local.get $letter) (i32.const 114))
      (then
        (call $text (i32.const 2056)
          (i32.load offset=8 (local.get $pair)) (i32.load offset=12 (local.get $pair)))
        (return (call $response (i32.const 1)))))
    ;; d: the route as a file of the type that the value names; b: two MiB of it
    (if (i32.or (i32.eq (local.get $letter) (i32.const 100)) (i32.eq (local.get $letter) (i32.const 98)))
      (then
        (call $text (i32.const 2056)
          (i32.load offset=8 (local.get $pair)) (i32.load offset=12 (local.get $pair)))
        (call $text (i32.const 2064)
          (i32.load offset=92 (local.get $asked)) (i32.load offset=96 (local.get $asked)))
        (if (i32.eq (local.get $letter) (i32.const 98))
          (then (call $text (i32.const 2064) (i32.const 65536) (i32.const 2097152))))
        (i32.store (i32.const 2072) (i32.const 1000000))
        (return (call $response (i32.const 2)))))
    ;; n, x: not found, forbidden
    (if (i32.eq (local.get $letter) (i32.const 110)) (then (return (call $response (i32.const 3)))))
    (if (i32.eq (local.get $letter) (i32.const 120)) (then (return (call $response (i32.const 4)))))
    ;; l: for ever
    (if (i32.eq (local.get $letter) (i32.const 108)) (then (loop $for_ever (br $for_ever))))
    (unreachable)))
