import * as fc from "fast-check";
import {
  findNginx,
  type NginxStatement,
  parseNginx,
} from "../../../lib/registry-host/documents/nginx-syntax";
import {
  block,
  directive,
  type NginxDirective,
  renderNginx,
} from "../../../lib/registry-host/nginx/nginx-directive";

type Shape = { name: string; args: readonly string[]; block: readonly Shape[] | null };

function shape({ name, args, block: children }: NginxStatement | NginxDirective): Shape {
  return { name, args, block: children === null ? null : children.map(shape) };
}

const word = fc.stringMatching(/^[a-z_]{1,8}$/);
const argument = fc.string({ minLength: 1, maxLength: 12 });
const tree = fc.letrec<{ node: NginxDirective }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 3 },
    fc.tuple(word, fc.array(argument, { maxLength: 3 })).map(([name, args]) => directive(name, ...args)),
    fc
      .tuple(word, fc.array(argument, { maxLength: 2 }), fc.array(tie("node"), { maxLength: 3 }))
      .map(([name, args, children]) => block(name, args, children)),
  ),
}));

it("reads back what is rendered", () => {
  fc.assert(
    fc.property(fc.array(tree.node, { maxLength: 4 }), (directives) => {
      const { statements, error } = parseNginx(renderNginx(directives));
      expect(error).toBeNull();
      expect(statements.map(shape)).toEqual(directives.map(shape));
    }),
  );
});

it("counts lines through comments, quotes and blocks", () => {
  const text = `# a;\nhttp {\n  x 'a\nb'; # }\n  server { listen 5000; set $up r:5000;\n    proxy_pass http://\${up}; }\n}\n`;
  const { statements, error } = parseNginx(text);
  expect(error).toBeNull();
  const lines = ["x", "listen", "proxy_pass"].map((name) => findNginx(statements, name)[0]?.statement.line);
  expect(lines).toEqual([3, 5, 6]);
  expect(findNginx(statements, "proxy_pass")[0]?.statement.args).toEqual([`http://\${up}`]);
});

describe("a block of Lua", () => {
  it.each([
    ["braces", "local t = { a = { 1 } }"],
    ["a brace in a string", `x = "}" .. '}\\'}'`],
    ["a brace in a comment", "-- }\n--[[ }\n} ]]"],
    ["a brace in a long string", "x = [==[ } ]] } ]==]"],
    ["quotes and semicolons that nginx would not take", "-- don't\nx = 1; y = 2;"],
  ])("is passed over with %s", (_, lua) => {
    const text = `location / {\ncontent_by_lua_block {\n${lua}\n}\nproxy_pass http://r;\n}\n`;
    const { statements, error } = parseNginx(text);
    expect(error).toBeNull();
    expect(findNginx(statements, "content_by_lua_block")[0]?.statement.block).toEqual([]);
    const line = text.split("\n").findIndex((each) => each.startsWith("proxy_pass")) + 1;
    expect(findNginx(statements, "proxy_pass")[0]?.statement.line).toBe(line);
  });

  it("that takes an argument is passed over too", () => {
    expect(parseNginx("set_by_lua_block $x { return '}' }\na;\n").statements).toHaveLength(2);
  });

  it("that is not closed is an error", () => {
    expect(parseNginx("http {\ninit_by_lua_block {\nx = '}'\n").error?.text).toContain("not closed");
  });
});

it.each([
  ["a {\nb;\n", 2, "not closed"],
  ["a;\n}\n", 2, 'unexpected "}"'],
  ["a\nb", 1, 'not ended by ";"'],
  ["a;\nb 'c;\n", 2, "quote"],
  ["{ }", 1, 'unexpected "{"'],
])("says where %j is broken", (text, line, said) => {
  const { error } = parseNginx(text);
  expect(error?.line).toBe(line);
  expect(error?.text).toContain(said);
});

it("never throws", () => {
  fc.assert(fc.property(fc.string(), (text) => parseNginx(text).statements.length >= 0));
});
