/** What a source file takes from outside itself passes through here: its imports and the globals it touches. */
import ts from 'typescript';

export interface Import {
  /** As written: `../base/store.ts`, `node:fs`, `vscode`; `undefined` when it is computed while running. */
  readonly from: string | undefined;
  /** True when the compiler erases it. */
  readonly isTypeOnly: boolean;
  /** The names it binds, by their names in the other file; `*` for all of it. */
  readonly names: readonly string[];
}

export interface SourceFacts {
  readonly imports: readonly Import[];
  /** Free names the code evaluates, with one member where one is taken: `fetch`, `Date.now`, `new Date()`. */
  readonly globals: ReadonlySet<string>;
  /** It hands on everything of another file: `export * from`. */
  readonly isBarrel: boolean;
}

/** Reads one TypeScript or JavaScript source; types, comments and strings count for nothing but imports. */
export function sourceFacts(fileName: string, text: string): SourceFacts {
  const source = ts.createSourceFile(fileName, text, ts.ScriptTarget.Latest, true);
  const imports: Import[] = [];
  const globals = new Set<string>();
  const declared = new Set<string>();
  let isBarrel = false;

  const visit = (node: ts.Node): void => {
    const found = importOf(node);
    if (found !== undefined) imports.push(found);
    isBarrel ||= ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined && node.exportClause === undefined;
    if (isDeclaredName(node)) declared.add(node.text);
    else if (ts.isIdentifier(node) && isEvaluated(node)) globals.add(globalName(node));
    ts.forEachChild(node, visit);
  };
  visit(source);
  const isFree = (name: string): boolean => !declared.has(name.replace(/^new |\W.*$/g, ''));
  return { imports, globals: new Set([...globals].filter(isFree)), isBarrel };
}

function importOf(node: ts.Node): Import | undefined {
  if (ts.isImportDeclaration(node)) {
    const names = namesBound(node.importClause);
    const isTypeOnly = node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword || names?.length === 0;
    return { from: literal(node.moduleSpecifier), isTypeOnly, names: names ?? [] };
  }
  if (ts.isExportDeclaration(node) && node.moduleSpecifier) {
    return { from: literal(node.moduleSpecifier), isTypeOnly: node.isTypeOnly, names: ['*'] };
  }
  if (ts.isImportTypeNode(node)) {
    const from = ts.isLiteralTypeNode(node.argument) ? literal(node.argument.literal) : undefined;
    return { from, isTypeOnly: true, names: [] };
  }
  if (ts.isExternalModuleReference(node)) return { from: literal(node.expression), isTypeOnly: false, names: ['*'] };
  const isCall =
    ts.isCallExpression(node) && /^(import|require|(\w+\.)?getBuiltinModule)$/.test(node.expression.getText());
  return isCall ? { from: literal(node.arguments[0]), isTypeOnly: false, names: ['*'] } : undefined;
}

/** `undefined`: imported for its effect alone. Names marked `type` are left out. */
function namesBound(clause: ts.ImportClause | undefined): readonly string[] | undefined {
  if (clause === undefined) return undefined;
  const names = clause.name ? ['default'] : [];
  const bindings = clause.namedBindings;
  if (bindings === undefined) return names;
  if (ts.isNamespaceImport(bindings)) return [...names, '*'];
  const values = bindings.elements.filter((element) => !element.isTypeOnly);
  return [...names, ...values.map((element) => (element.propertyName ?? element.name).text)];
}

function literal(node: ts.Node | undefined): string | undefined {
  return node !== undefined && ts.isStringLiteralLike(node) ? node.text : undefined;
}

function isDeclaredName(node: ts.Node): node is ts.Identifier {
  const parent = node.parent as (ts.Node & { readonly name?: ts.Node }) | undefined;
  if (!ts.isIdentifier(node) || parent?.name !== node) return false;
  return (
    ts.isVariableDeclaration(parent) ||
    ts.isParameter(parent) ||
    ts.isFunctionDeclaration(parent) ||
    ts.isFunctionExpression(parent) ||
    ts.isClassDeclaration(parent) ||
    ts.isBindingElement(parent) ||
    ts.isImportSpecifier(parent) ||
    ts.isImportClause(parent) ||
    ts.isNamespaceImport(parent)
  );
}

/** False where the name is only a member's, a property's or a type's. */
function isEvaluated(node: ts.Identifier): boolean {
  const parent = node.parent;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  if (ts.isShorthandPropertyAssignment(parent)) return true;
  if ('name' in parent && parent.name === node) return false;
  return !ts.isTypeNode(parent) && !ts.isQualifiedName(parent) && !ts.isTypeElement(parent);
}

function globalName(node: ts.Identifier): string {
  const parent = node.parent;
  if (ts.isNewExpression(parent) && parent.expression === node && (parent.arguments?.length ?? 0) === 0) {
    return `new ${node.text}()`;
  }
  if (ts.isCallExpression(parent) && parent.expression === node) return node.text === 'Date' ? 'new Date()' : node.text;
  return ts.isPropertyAccessExpression(parent) ? `${node.text}.${parent.name.text}` : node.text;
}
