#!/usr/bin/env node
// The command is bundled by `npm run build`, which `npm ci` runs. This file is there before, so that npm can link it.
import { existsSync } from 'node:fs';

const bundle = new URL('../dist/bank.js', import.meta.url);
if (existsSync(bundle)) {
  await import(bundle.href);
} else {
  process.stderr.write('bank: not built yet; run "npm run build" first\n');
  process.exitCode = 1;
}
