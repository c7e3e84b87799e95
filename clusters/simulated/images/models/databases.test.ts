import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import { expect, test } from 'vitest';
import { postgres } from './postgres.ts';
import { redis } from './redis.ts';
import { testContainer } from './test-container.ts';

const lines = (...words: readonly string[]): string => words.map((word) => `${word}\r\n`).join('');

test('redis keeps values, and asks for the password that it was given', async () => {
  const open = await testContainer(redis, {});
  expect(await open.say(6379, lines('SET a b', 'GET a', 'NOPE', 'QUIT'))).toBe(
    lines('+OK', '$1', 'b', "-ERR unknown command 'NOPE', with args beginning with: ", '+OK'),
  );
  const closed = await testContainer(redis, {}, { argv: ['redis-server', '--requirepass', 'hush'] });
  expect(await closed.say(6379, lines('GET a', 'AUTH wrong', 'AUTH hush', 'PING', 'QUIT'))).toBe(
    lines(
      '-NOAUTH Authentication required.',
      '-WRONGPASS invalid username-password pair or user is disabled.',
      '+OK',
      '+PONG',
      '+OK',
    ),
  );
  const configured = await testContainer(
    redis,
    { '/etc/redis.conf': 'requirepass "quiet"\nport 7000\n' },
    { argv: ['redis-server', '/etc/redis.conf'] },
  );
  expect(await configured.say(7000, '*1\r\n$4\r\nPING\r\n', /\n/)).toContain('-NOAUTH');
});

test('postgres does not start without a password', async () => {
  const container = await testContainer(postgres, {});
  expect(container.exitCode).toBe(1);
  expect(container.log[0]).toBe('Error: Database is uninitialized and superuser password is not specified.');
});

test.each([
  ['hush', 'DATA'],
  ['wrong', 'password authentication failed for user "shop"'],
])('postgres asks for its password: %s', async (password, outcome) => {
  const env = { POSTGRES_USER: 'shop', POSTGRES_PASSWORD: 'hush' };
  const container = await testContainer(postgres, {}, { env });
  const connection = container.connect(5432);
  const framed = (type: string, body: Buffer): Buffer => {
    const size = Buffer.alloc(4);
    size.writeInt32BE(body.length + 4);
    return Buffer.concat([Buffer.from(type), size, body]);
  };
  let said = Buffer.alloc(0);
  connection.on('data', (bytes: Buffer) => (said = Buffer.concat([said, bytes])));
  const heard = (what: RegExp) => expect.poll(() => what.exec(said.toString('latin1'))?.[0]).toBeDefined();
  connection.write(framed('', Buffer.concat([Buffer.from([0, 3, 0, 0]), Buffer.from('user\0shop\0\0')])));
  await heard(/SCRAM-SHA-256/);
  const bare = 'n=,r=abc';
  const first = Buffer.from(`n,,${bare}`);
  const size = Buffer.alloc(4);
  size.writeInt32BE(first.length);
  connection.write(framed('p', Buffer.concat([Buffer.from('SCRAM-SHA-256\0'), size, first])));
  await heard(/i=4096/);
  const challenge = /r=abc[^,]*,s=[^,]*,i=4096/.exec(said.toString('latin1'))?.[0] ?? '';
  const [, nonce = '', salt = ''] = /r=([^,]+),s=([^,]+)/.exec(challenge) ?? [];
  const hmac = (key: Buffer, data: string): Buffer => createHmac('sha256', key).update(data).digest();
  const salted = pbkdf2Sync(password, Buffer.from(salt, 'base64'), 4096, 32, 'sha256');
  const key = hmac(salted, 'Client Key');
  const signature = hmac(createHash('sha256').update(key).digest(), `${bare},${challenge},c=biws,r=${nonce}`);
  const proof = Buffer.from(key.map((byte, i) => byte ^ (signature[i] ?? 0))).toString('base64');
  connection.write(framed('p', Buffer.from(`c=biws,r=${nonce},p=${proof}`)));
  if (outcome === 'DATA') {
    await heard(/server_version/);
    connection.write(framed('Q', Buffer.from('SELECT 1;\0')));
    await heard(/\?column\?[\s\S]*SELECT 1/);
  } else await heard(new RegExp(outcome));
  connection.destroy();
});
