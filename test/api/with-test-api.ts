import { afterAll, beforeAll } from "vitest";
import { createApi, type Api, type ApiLimits } from "../../src/schema/index.ts";
import { withTestApp, type TestApp, type TestAppOptions } from "../helpers/test-app.ts";

/** A reply of POST /graphql. */
export interface Reply<Data> {
  readonly status: number;
  readonly data: Data | null;
  readonly errors: readonly ReplyError[];
}

export interface ReplyError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions: { readonly code: string; readonly errorId?: string };
}

export interface Call {
  readonly token?: string | null;
  readonly variables?: Readonly<Record<string, unknown>>;
}

/** A running API over a test app. Use it inside of tests. */
export interface TestApi extends TestApp {
  readonly url: string;
  /** One operation over HTTP, with whatever comes back. */
  post<Data = Readonly<Record<string, unknown>>>(query: string, call?: Call): Promise<Reply<Data>>;
  /** The same; an operation with errors fails the test. */
  query<Data = Readonly<Record<string, never>>>(query: string, call?: Call): Promise<Data>;
}

/** Gives the calling test file (or describe block) a server of its own on a free port, and stops it after. */
export function withTestApi(options: TestAppOptions & { readonly limits?: Partial<ApiLimits> } = {}): TestApi {
  const test = withTestApp(options);
  let api: Api | undefined;
  beforeAll(async () => {
    api = await createApi({ app: test.app, ...(options.limits ? { limits: options.limits } : {}) });
  });
  afterAll(async () => {
    await api?.stop();
  });
  const url = (): string => {
    if (!api) throw new Error("The test API is there from beforeAll to afterAll.");
    return api.url;
  };

  async function post<Data>(query: string, { token, variables }: Call = {}): Promise<Reply<Data>> {
    const headers = { "content-type": "application/json", ...(token ? { authorization: `Bearer ${token}` } : {}) };
    const response = await fetch(`${url()}/graphql`, {
      method: "POST",
      headers,
      body: JSON.stringify({ query, variables }),
    });
    const body = (await response.json()) as { data?: Data; errors?: readonly ReplyError[] }; // GraphQL's response format
    return { status: response.status, data: body.data ?? null, errors: body.errors ?? [] };
  }

  return {
    get app() {
      return test.app;
    },
    get clock() {
      return test.clock;
    },
    get database() {
      return test.database;
    },
    get url() {
      return url();
    },
    post,
    async query<Data>(query: string, call: Call = {}) {
      const { data, errors } = await post<Data>(query, call);
      if (errors.length > 0 || data === null) throw new Error(JSON.stringify(errors));
      return data;
    },
  };
}
