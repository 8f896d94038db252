/** A template, as far as it matters here. */
export interface Template {
  readonly Resources: Readonly<Record<string, { readonly Type: string; readonly Properties?: object }>>;
  readonly Outputs?: Readonly<Record<string, unknown>>;
}

/** A template without what the emulator refuses. */
interface Reduced {
  readonly template: Template;
  /** What was taken out, one line for each resource and output. */
  readonly leftOut: readonly string[];
}

/**
 * Takes out of a template what the emulator refuses, and nothing else: what it accepts without doing it stays in. With the
 * resources go the outputs that speak of them. If another resource spoke of them, the deployment would fail and say so.
 */
export function leaveOut(template: Template): Reduced {
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
