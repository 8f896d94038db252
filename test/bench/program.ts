import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { bundle } from '../../infra/bundle.ts';
import { awsEnvironment, withoutAws } from '../../infra/local/environment.ts';
import { ended, startProcess } from '../../infra/local/process.ts';
import type { TableNames } from '../../infra/names.ts';
import type { Message } from './processes/serve.ts';

/** Longest wait for a process to start, or to reply. */
const TIMEOUT_MS = 60_000;

const TARGET: `node${number}` = `node${Number.parseInt(process.versions.node, 10)}`;

/** Bundles a file, named as seen from this folder, for the Node that runs. */
export async function bundleInto(folder: string, name: string, entry: string): Promise<string> {
  const outFile = join(folder, `${name}.mjs`) as `${string}.mjs`;
  await bundle({ entry: fileURLToPath(new URL(entry, import.meta.url)), outFile, target: TARGET });
  return outFile;
}

/** Bundles a file as esbuild does by itself, without what the bank leaves out. Returns the bundle. */
export async function bundlePlainly(folder: string, name: string, entry: string): Promise<string> {
  const outfile = join(folder, `${name}.mjs`);
  await build({
    entryPoints: [fileURLToPath(new URL(entry, import.meta.url))],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: TARGET,
    mainFields: ['module', 'main'],
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
    minify: true,
    sourcemap: 'linked',
    sourcesContent: false,
    logLevel: 'silent',
  });
  return outfile;
}

/** The environment of a function of the bank, on a DynamoDB and its tables. */
export function functionEnvironment(endpoint: string, { accounts, pages, idempotency }: TableNames) {
  const tables = { ACCOUNTS_TABLE: accounts, PAGES_TABLE: pages, IDEMPOTENCY_TABLE: idempotency };
  return { ...awsEnvironment(endpoint, 'us-east-1'), BANK: 'bench', ...tables };
}

/** A bundled program in a process of its own, which takes one request at a time. */
export class Program<Request, Reply> implements AsyncDisposable {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** Starts a program, and returns it with what it has sent when it was ready. */
  static async start<Request, Reply, Greeting>(
    file: string,
    input: unknown,
    environment: NodeJS.ProcessEnv = withoutAws(process.env),
  ): Promise<{ readonly program: Program<Request, Reply>; readonly greeting: Greeting }> {
    const child = startProcess(file, { input, environment, logFile: null });
    const program = new Program<Request, Reply>(child);
    try {
      return { program, greeting: await program.#receive<Greeting>() };
    } catch (error) {
      await program[Symbol.asyncDispose]();
      throw error;
    }
  }

  async ask(request: Request): Promise<Reply> {
    const reply = this.#receive<Reply>();
    this.#child.send(request as object);
    return await reply;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL');
    await ended(this.#child);
  }

  async #receive<Received>(): Promise<Received> {
    const received = new AbortController();
    const { signal } = received;
    const timer = setTimeout(
      () => received.abort(new Error('a process of the benchmark did not reply')),
      TIMEOUT_MS,
    );
    const exit = once(this.#child, 'exit', { signal }).then(() => {
      throw new Error('a process of the benchmark ended before it had replied');
    });
    try {
      const [message] = await Promise.race([once(this.#child, 'message', { signal }), exit]);
      const answer = message as Message<Received>;
      if ('error' in answer) {
        throw new Error(`a process of the benchmark failed: ${answer.error}`);
      }
      return answer.reply;
    } finally {
      clearTimeout(timer);
      received.abort();
    }
  }
}
