import { type DynamoDBDocumentClient, ScanCommand } from '@aws-sdk/lib-dynamodb';
import type { Page, Source } from './source.ts';

/** Parts that a table is read in, side by side. */
const SEGMENTS = 4;

/** Items of one page. After each page the place is noted, so this is what an interruption costs. */
const PAGE_ITEMS = 500;

/** A restored table. It is an ordinary one, so a strongly consistent scan sees all of it. */
export function tableSource(client: DynamoDBDocumentClient, tableName: string): Source {
  return {
    name: `table:${tableName}`,
    parts: () => Promise.resolve(Array.from({ length: SEGMENTS }, (_, segment) => `${segment}/${SEGMENTS}`)),
    read: async (part, from): Promise<Page> => {
      const [segment, segments] = part.split('/').map(Number);
      const { Items = [], LastEvaluatedKey } = await client.send(
        new ScanCommand({
          TableName: tableName,
          Segment: segment,
          TotalSegments: segments,
          Limit: PAGE_ITEMS,
          ConsistentRead: true,
          ...(from === undefined ? {} : { ExclusiveStartKey: JSON.parse(from) }),
        }),
      );
      return {
        items: Items,
        // Keys of both tables are text, so they survive JSON.
        next: LastEvaluatedKey === undefined ? undefined : JSON.stringify(LastEvaluatedKey),
      };
    },
  };
}
