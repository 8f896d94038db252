import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A template, as far as it matters here. */
interface Template {
  readonly Resources: Readonly<Record<string, { readonly Type: string; readonly Properties?: object }>>;
  readonly Outputs?: Readonly<Record<string, unknown>>;
}

/** A template without what the emulator refuses. */
interface Reduced {
  readonly template: Template;
  /** What was taken out, one line for each resource and output. */
  readonly leftOut: readonly string[];
}

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

/**
 * Takes out of a template what the emulator refuses, and nothing else: what it accepts without doing it stays in. With the
 * resources go the outputs that speak of them. If another resource spoke of them, the deployment would fail and say so.
 */
function leaveOut(template: Template): Reduced {
  const refused = Object.entries(template.Resources).filter(([, resource]) => isRefused(resource));
  const ids = refused.map(([id]) => id);
  const outputs = Object.entries(template.Outputs ?? {}).filter(([, output]) => refersTo(output, ids));
  return {
    template: {
      ...template,
      Resources: without(template.Resources, ids),
      ...(template.Outputs === undefined
        ? {}
        : {
            Outputs: without(
              template.Outputs,
              outputs.map(([name]) => name),
            ),
          }),
    },
    leftOut: [
      ...refused.map(([id, { Type }]) => `${Type} ${id}`),
      ...outputs.map(([name]) => `output ${name}`),
    ],
  };
}

function isRefused({ Type, Properties = {} }: Template['Resources'][string]): boolean {
  switch (Type) {
    case 'AWS::FIS::ExperimentTemplate':
      return true;
    case 'AWS::CloudWatch::Alarm':
      // Alarms on a single metric are accepted; `Metrics` is how an expression over several is written.
      return 'Metrics' in Properties;
    default:
      return false;
  }
}

/** True when a part of a template speaks of one of the resources, by `Ref`, `Fn::GetAtt` or inside a `Fn::Sub`. */
function refersTo(part: unknown, ids: readonly string[]): boolean {
  if (typeof part !== 'object' || part === null) {
    return false;
  }
  return Object.entries(part).some(([name, value]) => {
    switch (name) {
      case 'Ref':
        return ids.includes(value as string);
      case 'Fn::GetAtt':
        return ids.includes([value as string | string[]].flat()[0]?.split('.')[0] ?? '');
      case 'Fn::Sub':
        return ids.some((id) => JSON.stringify(value).includes(`\${${id}`));
      default:
        return refersTo(value, ids);
    }
  });
}

function without<T>(record: Readonly<Record<string, T>>, names: readonly string[]): Record<string, T> {
  return Object.fromEntries(Object.entries(record).filter(([name]) => !names.includes(name)));
}
