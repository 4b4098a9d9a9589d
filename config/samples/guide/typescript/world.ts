// Ada earns coins, one by one, and keeps them: node built/world.js COINS
import * as grpc from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import type { CommitReply__Output } from './generated/aether/persistence/v1/CommitReply.js';
import type { GetReply__Output } from './generated/aether/persistence/v1/GetReply.js';
import type { ProtoGrpcType } from './generated/world.js';

const purse = { kind: 'purse', id: 'ada' };
const patienceMs = 60_000;

// No answer: the agent is unavailable, has not recovered the state yet, or ended before its answer.
const outages = [grpc.status.UNAVAILABLE, grpc.status.CANCELLED];

const definition = loadSync('aether/persistence/v1/world.proto', {
  includeDirs: ['proto'],
  longs: String, // a version may be beyond what a number holds
  defaults: true,
});
const proto = grpc.loadPackageDefinition(definition) as unknown as ProtoGrpcType;
const world = new proto.aether.persistence.v1.World(
  `unix:${process.env.AETHER_SOCKET || '/run/aether/agent.sock'}`,
  grpc.credentials.createInsecure(),
  { 'grpc.initial_reconnect_backoff_ms': 100, 'grpc.max_reconnect_backoff_ms': 500 },
);

// Repeats a call for a minute while there is no answer. Only for calls that are safe to repeat: reads, and commits with
// an idempotency key.
async function answered<T>(call: (done: grpc.requestCallback<T>) => unknown): Promise<T> {
  const giveUp = Date.now() + patienceMs;
  for (;;) {
    try {
      return await new Promise<T>((resolve, reject) =>
        call((error, reply) => (error ? reject(error) : resolve(reply!))));
    } catch (error) {
      if (!outages.includes((error as grpc.ServiceError).code) || Date.now() > giveUp) throw error;
      await new Promise((wake) => setTimeout(wake, 100));
    }
  }
}

const read = (confirmed: boolean) =>
  answered<GetReply__Output>((done) => world.get({ key: purse, confirmed }, done));

// The expected version, 0 for a key that must not exist, refuses the commit if another writer was here before.
async function commit(idempotencyKey: string, coins: number, expectedVersion: string): Promise<string> {
  const mutations = [{ key: purse, put: Buffer.from(String(coins)), expectedVersion }];
  const reply = await answered<CommitReply__Output>((done) =>
    world.commit({ mutations, durability: 'DURABILITY_FSYNC', idempotencyKey }, done));
  return reply.sequence;
}

const toEarn = Number(process.argv[2]);

// Open: the first read waits until the agent has recovered the whole state.
const found = await read(false);
let coins = found.found ? Number(found.value) : 0;
let version = found.found ? found.version : await commit('ada-founded', coins, '0');
console.log(`${found.found ? 'recovered' : 'founded'} coins=${coins}`);

for (let earned = 0; earned < toEarn; earned++) {
  coins++;
  version = await commit(`ada-coin-${coins}`, coins, version);
  console.log(`earned coins=${coins}`);
}

// Confirmed: reads only values that are synced to the volume, whatever level they were written at.
const kept = await read(true);
console.log(`confirmed coins=${kept.value} version=${kept.version}`);
world.close();
