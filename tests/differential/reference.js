// What V8 makes of cases. usage: node [FLAGS] reference.js CASES ANSWERS, where CASES has a case in
// each line (cases.py, to_json). A line of ANSWERS has, with tabs between, why a module was
// refused, or nothing, and what came of each call.
'use strict';
const fs = require('fs');
const [, , casesFile, answersFile] = process.argv;
const view = new DataView(new ArrayBuffer(8));

function fromBits(type, bits) {
  view.setBigUint64(0, BigInt(bits));
  switch (type) {
    case 'i32': return view.getInt32(4);
    case 'i64': return view.getBigInt64(0);
    case 'f32': return view.getFloat32(4);
    case 'f64': return view.getFloat64(0);
  }
  throw new Error(type);
}

function toBits(type, value) {
  view.setBigUint64(0, 0n);
  switch (type) {
    case 'i32': view.setInt32(4, value); break;
    case 'i64': view.setBigInt64(0, value); break;
    case 'f32': view.setFloat32(4, value); break;
    case 'f64': view.setFloat64(0, value); break;
    default: throw new Error(type);
  }
  return type + ':' + view.getBigUint64(0).toString(16);
}

function observe(run, results) {
  let returned;
  try {
    returned = run();
  } catch (error) {
    if (error instanceof WebAssembly.Exception) return 'exception';
    if (error instanceof WebAssembly.RuntimeError || error instanceof RangeError) {
      return 'trap: ' + error.message;
    }
    throw error;
  }
  const values = results.length === 0 ? [] : results.length === 1 ? [returned] : [...returned];
  return values.map((value, i) => toBits(results[i], value)).join(' ');
}

function answer({modules}) {
  const ignore = () => {};
  const imports = {spectest: {print_i32: ignore, print_f64_f64: ignore}};
  const refused = [], told = [];
  for (const {name, wasm, calls, results} of modules) {
    let instance;
    try {
      const module = new WebAssembly.Module(Buffer.from(wasm, 'hex'));
      instance = new WebAssembly.Instance(module, imports);
    } catch (error) {
      refused.push(String(error.message).replace(/\s+/g, ' '));
      for (const _ of calls) told.push('refused');
      continue;
    }
    imports[name] = instance.exports;
    for (const [name, args] of calls) {
      const values = args.map(([type, bits]) => fromBits(type, bits));
      told.push(observe(() => instance.exports[name](...values), results[name]));
    }
  }
  return [refused.join('; '), ...told].join('\t');
}

const answers = fs.openSync(answersFile, 'w');
for (const line of fs.readFileSync(casesFile, 'utf8').split('\n')) {
  if (line !== '') fs.writeSync(answers, answer(JSON.parse(line)) + '\n');
}
