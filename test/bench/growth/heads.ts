import type { AttributeValue, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { fromAttributes } from '../../../functions/dynamodb/attributes.ts';
import { itemBytes } from '../../support/item-size.ts';

type Item = Record<string, AttributeValue>;

/** A head as it was seen: its bytes, by DynamoDB's published rule, and its entries. */
export interface SeenHead {
  readonly itemBytes: number;
  readonly entries: number;
}

/** Watches the heads that a client is answered with, those of failed conditions included, for the one with most entries. */
export class LargestHead {
  #largest: Item = {};

  constructor(client: DynamoDBClient) {
    client.middlewareStack.add(
      (next) => async (args) => {
        try {
          const answer = await next(args);
          const { Attributes, Item } = answer.output as { Attributes?: Item; Item?: Item };
          this.#see(Attributes ?? Item);
          return answer;
        } catch (error) {
          this.#see((error as { Item?: Item }).Item);
          throw error;
        }
      },
      { name: 'benchLargestHead', step: 'initialize' },
    );
  }

  /** The largest one since the last time that somebody asked. It is weighed now, and not while calls are timed. */
  take(): SeenHead {
    const largest = this.#largest;
    this.#largest = {};
    return { itemBytes: itemBytes(fromAttributes(largest)), entries: lengthOf(largest) };
  }

  #see(item: Item | undefined): void {
    if (item !== undefined && lengthOf(item) > lengthOf(this.#largest)) this.#largest = item;
  }
}

function lengthOf(item: Item): number {
  return item['keys']?.L?.length ?? 0;
}
