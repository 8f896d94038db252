import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { leaveOut, type Template } from './leave-out.ts';

/** What was taken out of one stack. */
interface LeftOut {
  readonly stack: string;
  readonly parts: readonly string[];
}

/** The table of contents of an assembly, as `cdk synth` writes it. */
interface Manifest {
  readonly artifacts: Readonly<
    Record<
      string,
      {
        readonly type: string;
        readonly properties?: { readonly stackName?: string; readonly templateFile?: string };
      }
    >
  >;
}

/** Takes what the emulator refuses out of every template of an assembly, and returns what that was. */
export async function reduceAssembly(folder: string): Promise<readonly LeftOut[]> {
  const { artifacts } = await read<Manifest>(join(folder, 'manifest.json'));
  const all: LeftOut[] = [];
  for (const { type, properties: { stackName: stack = '', templateFile = '' } = {} } of Object.values(
    artifacts,
  )) {
    if (type !== 'aws:cloudformation:stack') {
      continue;
    }
    const file = join(folder, templateFile);
    const { template, leftOut } = leaveOut(await read<Template>(file));
    await writeFile(file, JSON.stringify(template));
    if (leftOut.length > 0) {
      all.push({ stack, parts: leftOut });
    }
  }
  return all;
}

async function read<T>(file: string): Promise<T> {
  return JSON.parse(await readFile(file, 'utf8')) as T;
}
