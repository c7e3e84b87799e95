import type { Resource } from '../resources/resource.ts';

export interface OpenApiDocument {
  readonly body: Buffer;
  readonly etag: string;
}

/** What `/openapi/v3` answers: every group version with the URL, and its hash, of its document. */
export function openApiV3Index(_rows: readonly Resource[]): OpenApiDocument {
  throw new Error('not ready');
}

/** What `/openapi/v3/<path>` answers (`api/v1`, `apis/apps/v1`), or undefined when no row has that group version. */
export function openApiV3(_rows: readonly Resource[], _path: string): OpenApiDocument | undefined {
  throw new Error('not ready');
}

/** What `/openapi/v2` answers, as JSON or as gnostic protobuf (`application/com.github.proto-openapi.spec.v2@v1.0+protobuf`). */
export function openApiV2(_rows: readonly Resource[], _encoding: 'json' | 'protobuf'): OpenApiDocument {
  throw new Error('not ready');
}
