import type { Operation } from './operation.ts';

/** Ways in which the table misbehaves, to see that the run notices. */
export const SABOTAGES = ['strip-condition', 'apply-twice'] as const;

/** Deposits ignore their condition, or one in ten is made twice. */
export type Sabotage = (typeof SABOTAGES)[number];

const EVERY = 10;

/** Returns bodies to send to DynamoDB in place of the request's own, one after the other. The sender gets the answer to the first. */
export type Saboteur = (operation: Operation) => readonly Buffer[] | undefined;

/** Makes a saboteur. It counts deposits, and so strikes at the same calls in each run. */
export function openSaboteur(sabotage: Sabotage | undefined, accounts: string): Saboteur {
  let deposits = 0;
  return (operation) => {
    const { name, body } = operation;
    if (
      sabotage === undefined ||
      name !== 'UpdateItem' ||
      !operation.isAbout([accounts]) ||
      !isDeposit(body)
    ) {
      return undefined;
    }
    const free = withoutCondition(body);
    if (free === undefined) {
      return undefined;
    }
    if (sabotage === 'strip-condition') {
      return [free];
    }
    deposits += 1;
    return deposits % EVERY === 0 ? [Buffer.from(JSON.stringify(body)), free] : undefined;
  };
}

/**
 * The same write on a condition that always holds. It still contains the old condition, because DynamoDB refuses names and
 * values that nothing uses.
 */
export function withoutCondition(body: Readonly<Record<string, unknown>>): Buffer | undefined {
  const { ConditionExpression: condition, ExpressionAttributeNames: names } = body;
  const [name] = Object.keys(typeof names === 'object' && names !== null ? names : {});
  if (typeof condition !== 'string' || name === undefined) {
    return undefined;
  }
  const always = `(${condition}) OR attribute_exists(${name}) OR attribute_not_exists(${name})`;
  return Buffer.from(JSON.stringify({ ...body, ConditionExpression: always }));
}

function isDeposit({
  UpdateExpression: update,
  ExpressionAttributeValues: values,
}: Operation['body']): boolean {
  const isMove = typeof update === 'string' && update.includes('#balance');
  return isMove && / db?e?[ "]/.test(JSON.stringify(values ?? {}));
}
