import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A template, as far as it matters here. */
interface Template {
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Outputs?: Readonly<Record<string, unknown>>;
}

interface Resource {
  readonly Type: string;
  readonly Properties?: object;
}

/** The table of contents of an assembly, as `cdk synth` writes it. */
interface Manifest {
  readonly artifacts: Readonly<Record<string, { readonly type: string; readonly properties?: StackFile }>>;
}

interface StackFile {
  readonly stackName?: string;
  readonly templateFile?: string;
}

/** What was taken out of one stack: its resources and outputs, one line for each. */
interface LeftOut {
  readonly stack: string;
  readonly parts: readonly string[];
}

/**
 * Takes what the emulator refuses out of every template of an assembly, and nothing else: what it accepts without doing it
 * stays in. With the resources go the outputs that name them. If another resource named them, the deployment would fail.
 */
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
    const template = await read<Template>(file);
    const resources = Object.entries(template.Resources).filter(([, resource]) => isRefused(resource));
    if (resources.length === 0) {
      continue;
    }
    const ids = resources.map(([id]) => id);
    const outputs = Object.entries(template.Outputs ?? {})
      .filter(([, output]) => ids.some((id) => JSON.stringify(output).includes(`"${id}"`)))
      .map(([name]) => name);
    await writeFile(
      file,
      JSON.stringify({
        ...template,
        Resources: without(template.Resources, ids),
        Outputs: without(template.Outputs ?? {}, outputs),
      }),
    );
    const parts = [
      ...resources.map(([id, { Type }]) => `${Type} ${id}`),
      ...outputs.map((name) => `output ${name}`),
    ];
    all.push({ stack, parts });
  }
  return all;
}

async function read<T>(file: string): Promise<T> {
  return JSON.parse(await readFile(file, 'utf8')) as T;
}

/** Alarms on a single metric are accepted; `Metrics` is how an expression over several is written. */
function isRefused({ Type, Properties = {} }: Resource): boolean {
  return (
    Type === 'AWS::FIS::ExperimentTemplate' || (Type === 'AWS::CloudWatch::Alarm' && 'Metrics' in Properties)
  );
}

function without<T>(record: Readonly<Record<string, T>>, names: readonly string[]): Record<string, T> {
  return Object.fromEntries(Object.entries(record).filter(([name]) => !names.includes(name)));
}
