import { parseArgs } from 'node:util';
import type { Configuration } from '../configuration.ts';

/** What is given to `npm run deploy`, and handed on to the CDK's command, as far as it matters before that. */
export interface Given {
  readonly words: readonly string[];
  /** Values of `-c NAME=VALUE`, by name. */
  readonly context: Readonly<Record<string, string>>;
  readonly profile: string | undefined;
}

export function readGiven(words: readonly string[]): Given {
  const { values } = parseArgs({
    args: [...words],
    options: { context: { type: 'string', short: 'c', multiple: true }, profile: { type: 'string' } },
    // Whatever else there is belongs to the CDK.
    strict: false,
  });
  const { context = [], profile } = values;
  const pairs = [context].flat().map((each) => {
    const [name = '', ...value] = String(each).split('=');
    return [name, value.join('=')] as const;
  });
  return {
    words,
    context: Object.fromEntries(pairs),
    profile: typeof profile === 'string' ? profile : undefined,
  };
}

/**
 * The commands of the CDK that deploy a bank, one after the other.
 *
 * Protection keeps tables, and their stack, from being deleted; those of a first deployment that fails as well, and then no
 * further one can succeed. So a bank without any is deployed without it, and it is switched on by a second command once the first
 * has succeeded. Where anything is protected, nothing loses its protection, and one command switches on what is off.
 */
export function deployments(
  { words }: Given,
  { removalPolicy, deletionProtection }: Pick<Configuration, 'removalPolicy' | 'deletionProtection'>,
  hasProtection: boolean,
): readonly (readonly string[])[] {
  const command = ['deploy', '--all', '--outputs-file', 'cdk-outputs.json', '-c', 'deploy=true', ...words];
  const switchesOn = removalPolicy === 'retain' && deletionProtection && !hasProtection;
  return switchesOn ? [[...command, '-c', 'deletionProtection=false'], command] : [command];
}
