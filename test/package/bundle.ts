import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

/** A file that a page loads. */
export interface Chunk {
  readonly name: string;
  readonly text: string;
  readonly bytes: number;
  readonly gzippedBytes: number;
  /** Bytes of each package in it; the client's own are under `twinbank-client`. */
  readonly parts: Readonly<Record<string, number>>;
}

/** The client as web pages load it: `entry`, and the chunks that it loads later. */
export interface Bundle {
  readonly entry: Chunk;
  readonly later: readonly Chunk[];
}

/** Bundles the compiled client in a folder for browsers, minified, as the author of a web page would. */
export async function bundleForBrowsers(clientFolder: string): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    absWorkingDir: clientFolder,
    entryPoints: ['dist/index.js'],
    bundle: true,
    minify: true,
    splitting: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    outdir: 'bundle',
    write: false,
    metafile: true,
  });
  const chunks = outputFiles.map(({ path, text, contents }) => ({
    name: basename(path),
    text,
    bytes: contents.length,
    gzippedBytes: gzipSync(contents, { level: 9 }).length,
    parts: partsOf(metafile.outputs[join('bundle', basename(path))]?.inputs ?? {}),
  }));
  const entry = chunks.find(({ name }) => name === 'index.js');
  if (entry === undefined) {
    throw new Error('the bundle has no entry');
  }
  return { entry, later: chunks.filter((chunk) => chunk !== entry) };
}

function partsOf(inputs: Readonly<Record<string, { bytesInOutput: number }>>): Record<string, number> {
  const parts: Record<string, number> = {};
  for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
    const name = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? 'twinbank-client';
    parts[name] = (parts[name] ?? 0) + bytesInOutput;
  }
  return parts;
}
