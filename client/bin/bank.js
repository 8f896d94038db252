#!/usr/bin/env node
// The command is compiled by `npm run build`, which `npm ci` runs. This file exists before, so that npm can link it.
import { existsSync } from 'node:fs';

const main = new URL('../dist/command/main.js', import.meta.url);
if (existsSync(main)) {
  await import(main.href);
} else {
  process.stderr.write('bank: not built yet; run "npm run build" first\n');
  process.exitCode = 1;
}
