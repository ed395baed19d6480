/** One page of a Relay connection. */
export interface Page<Node> {
  readonly nodes: readonly Node[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

/** Every node of a connection, page after page. */
export async function* allNodes<Node>(
  fetchPage: (after: string | null) => Promise<Page<Node>>,
): AsyncGenerator<Node, void, void> {
  let after: string | null = null;
  for (;;) {
    const { nodes, pageInfo }: Page<Node> = await fetchPage(after);
    yield* nodes;
    if (!pageInfo.hasNextPage || pageInfo.endCursor === null) return;
    after = pageInfo.endCursor;
  }
}
