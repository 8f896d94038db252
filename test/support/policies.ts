/** The AWS account of the tests' deployments. */
export const ACCOUNT = '111122223333';

/** One statement of an IAM policy. */
export interface Statement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
  readonly Condition?: unknown;
}

/**
 * Decides as IAM does within one account: a Deny that matches wins, then an Allow that matches, else it is denied. In a
 * pattern `*` stands for any characters, `/` included, and `?` for one of them; actions are compared without regard to case.
 *
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
export function isAllowed(statements: readonly Statement[], action: string, resource: string): boolean {
  const matching = statements.filter(
    (statement) =>
      list(statement.Action).some((pattern) => pattern.toLowerCase() === action.toLowerCase()) &&
      list(statement.Resource).some((pattern) => toExpression(pattern).test(resource)),
  );
  return (
    matching.some(({ Effect }) => Effect === 'Allow') && !matching.some(({ Effect }) => Effect === 'Deny')
  );
}

export function list(value: string | readonly string[]): readonly string[] {
  return typeof value === 'string' ? [value] : value;
}

function toExpression(pattern: string): RegExp {
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`, 's');
}
