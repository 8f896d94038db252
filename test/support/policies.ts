/** The AWS account of the tests' deployments. */
export const ACCOUNT = '111122223333';

/** One statement of an IAM policy. */
export interface Statement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
  /** Whom it speaks of, in the policy of a resource. The policy of a role speaks of all who have the role. */
  readonly Principal?: '*' | Readonly<Record<string, string | readonly string[]>>;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** Who asks, and what IAM knows of the request besides. */
interface Asking {
  readonly principal?: string;
  readonly context?: Readonly<Record<string, string>>;
}

/**
 * Decides as IAM does within one account: a Deny that matches wins, then an Allow that matches, else it is denied. In a
 * pattern `*` stands for any characters, `/` included, and `?` for one of them; actions are compared without regard to case.
 *
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
export function isAllowed(
  statements: readonly Statement[],
  action: string,
  resource: string,
  { principal, context = {} }: Asking = {},
): boolean {
  const matching = statements.filter(
    (statement) =>
      speaksOf(statement, principal) &&
      holds(statement, context) &&
      list(statement.Action).some((pattern) => pattern.toLowerCase() === action.toLowerCase()) &&
      list(statement.Resource).some((pattern) => toExpression(pattern).test(resource)),
  );
  return (
    matching.some(({ Effect }) => Effect === 'Allow') && !matching.some(({ Effect }) => Effect === 'Deny')
  );
}

function speaksOf({ Principal }: Statement, principal: string | undefined): boolean {
  if (Principal === undefined || Principal === '*') {
    return true;
  }
  const named = Object.values(Principal).flatMap(list);
  return named.includes('*') || (principal !== undefined && named.includes(principal));
}

/** True when every condition holds. A key that the request does not have fulfils none of these operators. */
function holds({ Condition = {} }: Statement, context: Readonly<Record<string, string>>): boolean {
  return Object.entries(Condition).every(([operator, keys]) =>
    Object.entries(keys).every(([key, wanted]) => {
      const value = context[key];
      if (value === undefined) {
        return false;
      }
      switch (operator) {
        case 'StringEquals':
        case 'Bool':
          return value === wanted;
        case 'ArnLike':
          return toExpression(wanted).test(value);
        default:
          throw new Error(`this evaluation does not know the operator ${operator}`);
      }
    }),
  );
}

export function list(value: string | readonly string[]): readonly string[] {
  return typeof value === 'string' ? [value] : value;
}

function toExpression(pattern: string): RegExp {
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`, 's');
}
