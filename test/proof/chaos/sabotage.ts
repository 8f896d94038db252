import type { Operation } from './operation.ts';

/** Ways to have the table do something wrong, to see that it is found out. */
export const SABOTAGES = ['strip-condition', 'apply-twice'] as const;

/** Deposits are made whether or not their condition holds, or one in ten is made twice. */
export type Sabotage = (typeof SABOTAGES)[number];

const EVERY = 10;

/** Bodies to give to DynamoDB in place of a request's own, one after the other. The first one's answer is the answer. */
export type Saboteur = (operation: Operation) => readonly Buffer[] | undefined;

/** Makes a saboteur. It counts, so that it strikes at the same calls however often. */
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
 * The same write on a condition that always holds. It still names all that the old one named, since DynamoDB turns names
 * and values away that nothing uses.
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
