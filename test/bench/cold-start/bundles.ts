import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { bundle } from '../../../infra/bundle.ts';
import { type Part, partsOf } from './parts.ts';
import type { BundleSize, Program } from './result.ts';

/** A function's bundle, as it is deployed but for the Node that it is made for. */
export interface FunctionBundle {
  readonly file: string;
  readonly size: BundleSize;
  readonly parts: readonly Part[];
}

export interface Bundles {
  readonly functions: Readonly<Record<Program, FunctionBundle>>;
  /** The program that stands in for Lambda. */
  readonly starter: string;
}

/** Bundles both functions, and what starts them, into a folder. */
export async function bundleAll(folder: string): Promise<Bundles> {
  const [bank, sdkOnly, starter] = await Promise.all([
    bundleFunction('../../../functions/api.ts', join(folder, 'bank')),
    bundleFunction('./sdk-only.ts', join(folder, 'sdk-only')),
    bundleFunction('./starter.ts', join(folder, 'starter')),
  ]);
  return { functions: { bank, sdk_only: sdkOnly }, starter: starter.file };
}

async function bundleFunction(entry: string, name: string): Promise<FunctionBundle> {
  const file = `${name}.mjs` as const;
  const metafile = await bundle({
    entry: fileURLToPath(new URL(entry, import.meta.url)),
    outFile: file,
    target: `node${Number.parseInt(process.versions.node, 10)}`,
  });
  const code = await readFile(file);
  return {
    file,
    size: { bytes: code.length, gzippedBytes: gzipSync(code).length },
    parts: partsOf(metafile),
  };
}
