import { once } from 'node:events';
import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fuzz } from '../../../../bench/fuzz-client.ts';
import { malformedRequests, seededDraw } from '../../../../bench/malformed-requests.ts';
import { startTestBed, type TestBed } from './test-bed.ts';

let bed: TestBed;
beforeAll(async () => {
  bed = await startTestBed();
  await bed.call('POST', MAPS, { metadata: { name: 'target' }, data: { a: 'b' } });
});
afterAll(() => bed[Symbol.asyncDispose]());

const MAPS = '/api/v1/namespaces/default/configmaps';
const STRATEGIC = 'application/strategic-merge-patch+json';
const MERGE = 'application/merge-patch+json';
const JSON_PATCH = 'application/json-patch+json';
const APPLY = 'application/apply-patch+yaml';

const patch = async (type: string, body: string, query = '') => {
  const { status, json } = await bed.call('PATCH', `${MAPS}/target${query}`, body, { 'Content-Type': type });
  return { status, message: json['message'] };
};

describe('a patch that is none', () => {
  it.each([
    [STRATEGIC, '{x', `invalid character 'x' looking for beginning of object key string`],
    [MERGE, '{"data":', 'error decoding patch: unexpected end of JSON input'],
    [MERGE, '[]', 'error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}'],
    [STRATEGIC, 'true', 'json: cannot unmarshal bool into Go value of type map[string]interface {}'],
    [
      JSON_PATCH,
      '{}',
      'error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp',
    ],
  ])('is refused in the words of Go (%s %s)', async (type, body, message) => {
    expect(await patch(type, body)).toEqual({ status: 400, message });
  });

  it('that names a field twice is refused when validation is strict', async () => {
    const { status, message } = await patch(STRATEGIC, '{"data":{"a":"1","a":"2"}}', '?fieldValidation=Strict');
    expect(status).toBe(422);
    expect(message).toContain('strict decoding error: duplicate field "data.a"');
  });
});

describe('nesting without end', () => {
  const nested = (depth: number): string => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
  it.each([
    [STRATEGIC, nested(50_000), 'exceeded max depth'],
    [MERGE, nested(50_000), 'error decoding patch: exceeded max depth'],
    [JSON_PATCH, `[{"op":"add","path":"/data","value":${nested(50_000)}}]`, 'error decoding patch: exceeded max depth'],
    [
      APPLY,
      `apiVersion: v1\nkind: ConfigMap\ndata: ${'{a: '.repeat(5000)}1${'}'.repeat(5000)}`,
      'error decoding YAML: error converting YAML to JSON: yaml: exceeded max depth of 10000',
    ],
  ])('is refused (%s)', async (type, body, message) => {
    expect(await patch(type, body, '?fieldManager=test')).toEqual({ status: 400, message });
  });
});

describe('a client that closes its side of the connection', () => {
  /** Sends a request over a connection of its own, says that nothing follows, and waits for the server to close as well. */
  const lastWords = async (path: string): Promise<void> => {
    const { certificate: cert, key } = bed.admin;
    const socket = connect({ host: '127.0.0.1', port: bed.port, ca: bed.credentials.ca, cert, key });
    socket.on('error', () => undefined);
    socket.end(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    socket.resume();
    await once(socket, 'close');
  };

  it('leaves nothing behind, whatever it asked for', async () => {
    await Promise.all(
      Array.from({ length: 20 }, (_, at) => lastWords(at % 2 === 0 ? `${MAPS}/target` : `${MAPS}?watch=true`)),
    );
    expect((await bed.call('GET', '/metrics')).text).toMatch(/apiserver_longrunning_requests\{[^}]*\} 0\n/);
    expect(bed.log.filter((line) => line.includes('unexpected'))).toEqual([]);
  });
});

describe('what one client does to the server', () => {
  it('a body over 3 MiB is refused and the connection stays of use', async () => {
    const answer = await bed.call('POST', MAPS, ' '.repeat(3 * 1024 * 1024 + 1));
    expect([answer.status, answer.json['message']]).toEqual([413, 'Request entity too large: limit is 3145728']);
  });

  it('two thousand malformed requests meet no internal error, and the server goes on', async () => {
    const { certificate, key } = bed.admin;
    const target = { port: bed.port, certificateAuthority: bed.credentials.ca, certificate, key };
    const { surprises, took } = await fuzz(target, malformedRequests(seededDraw(20_260)), {
      count: 2000,
      connections: 8,
    });
    expect(surprises).toEqual([]);
    expect(took).toHaveLength(2000);
    expect(bed.log.filter((line) => line.includes('unexpected'))).toEqual([]);
    expect((await bed.call('GET', `${MAPS}/target`)).status).toBe(200);
  }, 60_000);
});
