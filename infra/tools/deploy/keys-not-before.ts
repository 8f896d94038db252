import { type CloudFormationClient, GetTemplateCommand } from '@aws-sdk/client-cloudformation';
import type { Configuration } from '../../configuration.ts';

/** The deployment would take `keysNotBefore` from a recovered bank, or set it to an earlier time. */
class RecoveredBankError extends Error {
  override readonly name = 'RecoveredBankError';
  readonly code = 'keys_not_before_lowered';
}

/** Returns the `keysNotBefore` of each function of a deployed stack. There is none if the bank was not recovered, or has no such stack yet. */
export async function keysNotBeforeOf(
  client: CloudFormationClient,
  StackName: string,
  abortSignal: AbortSignal,
): Promise<readonly string[]> {
  const found: string[] = [];
  try {
    const { TemplateBody } = await client.send(new GetTemplateCommand({ StackName }), { abortSignal });
    JSON.parse(TemplateBody || '{}', (name, value) => {
      if (name === 'KEYS_NOT_BEFORE') {
        found.push(String(value));
      }
      return value;
    });
  } catch (error) {
    // CloudFormation has no specific error for a missing stack.
    if (!/^ValidationError: .* does not exist$/.test(String(error))) {
      throw error;
    }
  }
  return found;
}

/** `keysNotBefore` is still to come. */
class EarlyDeploymentError extends Error {
  override readonly name = 'EarlyDeploymentError';
  readonly code = 'keys_not_before_ahead';
}

/**
 * Throws {@link RecoveredBankError} if the deployed bank refuses keys that it would execute after this deployment, and
 * {@link EarlyDeploymentError} if it would refuse, and record that it refused, every key that callers mint now.
 */
export function checkKeysNotBefore(
  { prefix, keysNotBefore }: Pick<Configuration, 'prefix' | 'keysNotBefore'>,
  deployed: readonly string[],
  nowMs = Date.now(),
): void {
  if (Date.parse(keysNotBefore ?? '') > nowMs) {
    throw new EarlyDeploymentError(
      `Nothing was deployed: keysNotBefore=${keysNotBefore} is still to come. Until then the bank would refuse every call for good. Deploy after that time.`,
    );
  }
  const [latest] = [...deployed].sort((one, other) => Date.parse(other) - Date.parse(one));
  if (latest === undefined || Date.parse(keysNotBefore ?? '') >= Date.parse(latest)) {
    return;
  }
  const change = keysNotBefore === null ? 'leave it out' : `lower it to ${keysNotBefore}`;
  throw new RecoveredBankError(
    `Nothing was deployed: ${prefix} is a recovered bank with keysNotBefore=${latest}, and this deployment would ${change}. The bank could then execute calls again that the lost bank had answered, and move their money twice. Set keysNotBefore to "${latest}" in cdk.json, or deploy with -c keysNotBefore=${latest}.`,
  );
}
