import test from "ava";
import ts from "typescript";

/** A Result nobody looks at is an error nobody sees: no statement may consist of an expression of type Result. */
test("no Result is dropped", (t) => {
  const config = ts.getParsedCommandLineOfConfigFile(
    "tsconfig.json",
    {},
    {
      ...ts.sys,
      onUnRecoverableConfigFileDiagnostic: (diagnostic) =>
        t.fail(ts.flattenDiagnosticMessageText(diagnostic.messageText, "\n")),
    },
  );
  const program = ts.createProgram(config?.fileNames ?? [], config?.options ?? {});
  const checker = program.getTypeChecker();
  const isResult = (type: ts.Type): boolean =>
    type.isUnion()
      ? type.types.some(isResult)
      : /^(Ok|Err|ResultAsync)$/.test((type.symbol ?? type.aliasSymbol)?.name ?? "");
  const dropped: string[] = [];
  let results = 0;
  const visit = (node: ts.Node, file: ts.SourceFile) => {
    if (ts.isCallExpression(node) && isResult(checker.getTypeAtLocation(node))) results += 1;
    if (ts.isExpressionStatement(node) && isResult(checker.getTypeAtLocation(node.expression))) {
      const { line } = file.getLineAndCharacterOfPosition(node.getStart());
      dropped.push(`${file.fileName}:${line + 1}`);
    }
    node.forEachChild((child) => visit(child, file));
  };
  const sources = program.getSourceFiles().filter(({ fileName }) => /\/packages\/[^/]+\/(src|js)\//.test(fileName));
  for (const file of sources) visit(file, file);
  t.true(results > 50, `the walk sees Results (${results})`);
  t.deepEqual(dropped, []);
});
