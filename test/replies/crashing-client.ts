import { writeFileSync } from 'node:fs';
import { BankClient, mintKey } from '../../client/index.ts';

/** A program that takes an order: mints a key, stores it with the order, calls. The test kills it at any point. */
const [orderFile = '', account = '', ...endpoints] = process.argv.slice(2);
const key = mintKey();
writeFileSync(orderFile, JSON.stringify({ account, key, amountMinor: 10 }));
process.stdout.write('stored\n');
const bank = new BankClient({ endpoints });
await bank.withdraw(account, 10, { key });
process.stdout.write('paid\n');
