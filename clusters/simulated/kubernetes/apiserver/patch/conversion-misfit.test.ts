import { expect, it } from 'vitest';
import { schemaOf } from '../../model/schema.ts';
import { conversionMisfit } from './conversion-misfit.ts';

const pod = schemaOf('io.k8s.api.core.v1.Pod');
const probe = (httpGet: object): object => ({ spec: { containers: [{ readinessProbe: { httpGet } }] } });

it.each([
  [{ metadata: { labels: 'invalid' } }, 'cannot restore map from string'],
  [{ metadata: { labels: { a: 1 } } }, 'cannot convert int64 to string'],
  [{ metadata: { labels: { a: true } } }, 'unrecognized type: string'],
  [{ metadata: [] }, 'cannot restore struct from: slice'],
  [{ metadata: { creationTimestamp: 5 } }, 'json: cannot unmarshal number into Go value of type string'],
  [{ spec: { containers: {} } }, 'cannot restore slice from map'],
  [{ spec: { restartPolicy: 3 } }, 'cannot convert int64 to v1.RestartPolicy'],
  [{ spec: { hostNetwork: 'yes' } }, 'unrecognized type: bool'],
  [{ spec: { priority: '1' } }, 'unrecognized type: int32'],
  [{ spec: { priority: 1.5 } }, 'cannot convert float64 to int32'],
  [probe({ port: false }), 'json: cannot unmarshal bool into Go value of type int32'],
])('the converter says of %j: %s', (value, words) => {
  expect(conversionMisfit(value, pod)).toBe(words);
});

it('tells the first mistake in the order of the struct, whatever that of the document', () => {
  const value = { spec: { containers: 1 }, metadata: { annotations: 2, labels: 3 } };
  expect(conversionMisfit(value, pod)).toBe('cannot restore map from int64');
  expect(conversionMisfit({ spec: { priority: 1, hostNetwork: true } }, pod)).toBeUndefined();
});
