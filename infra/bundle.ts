import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Metafile } from 'esbuild';

const CREDENTIALS = fileURLToPath(new URL('../functions/dynamodb/credentials.ts', import.meta.url));

export interface BundleOptions {
  /** The module to start from. */
  readonly entry: string;
  /** Where the bundle goes; its source map goes next to it. Must end in `.mjs`, which is how Node knows an ES module. */
  readonly outFile: `${string}.mjs`;
  /** The oldest Node that will run it. */
  readonly target?: `node${number}`;
}

/**
 * Bundles a function with everything it imports into one file, so that what is tested on one machine is, byte for byte,
 * what is deployed. The AWS SDK goes in as well: the one in Lambda's runtime changes without notice.
 *
 * Returns what went in, and how many bytes of the bundle each module is.
 */
export async function bundle({ entry, outFile, target = 'node24' }: BundleOptions): Promise<Metafile> {
  const { metafile } = await build({
    entryPoints: [entry],
    outfile: outFile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target,
    // Many packages still put their ES modules under `module`; those can be pruned, CommonJS cannot.
    mainFields: ['module', 'main'],
    // 15 KB that the SDK's HTTP protocol imports when it meets an event stream, which DynamoDB does not have.
    external: ['@smithy/core/event-streams'],
    alias: { '@aws-sdk/credential-provider-node': CREDENTIALS },
    // `import` of Node's HTTP client loads its fetch and WebSocket as well, some 15 ms at the start of a function, and `require` does not
    // (nodejs/node#59686).
    supported: { 'dynamic-import': false },
    // CommonJS packages inside the bundle call `require` for Node's own modules, and an ES module has none.
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
    minify: true,
    sourcemap: 'linked',
    // The map is for stack traces; with the sources inside it would outweigh the code several times over.
    sourcesContent: false,
    charset: 'utf8',
    metafile: true,
    logLevel: 'silent',
  });
  return metafile;
}

/** Bundles a function of this checkout into a folder, and returns the file. */
export async function bundleFunction(
  name: 'api' | 'sweep' | 'protection',
  folder: string,
  target?: BundleOptions['target'],
): Promise<string> {
  const entry = fileURLToPath(new URL(`../functions/${name}.ts`, import.meta.url));
  const outFile = join(folder, `${name}.mjs`) as `${string}.mjs`;
  await bundle({ entry, outFile, ...(target && { target }) });
  return outFile;
}
