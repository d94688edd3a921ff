// Rewrites what Fable's compiler of F# spends its time on when an interpreter runs it, at places found by their shape.

const NAME = '[\\w$]+';

/** A pattern in which `@a` stands for a name, the same one wherever it is written. */
function shape(text) {
  const seen = new Set();
  const source = text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/@([a-zA-Z])/g, (_, letter) => {
    if (seen.has(letter)) return `\\k<${letter}>`;
    seen.add(letter);
    return `(?<${letter}>${NAME})`;
  });
  return new RegExp(source.replaceAll('~~~', '[^{}]*?'), 'g');
}

/** The text with its slow places rewritten, and the names of what the library calls equality and integers of 64 bits. */
export function lean(text) {
  const change = (from, to) => {
    const found = [...text.matchAll(shape(from))];
    if (found.length !== 1) throw new Error(`the Fable bundle has ${found.length} places like ${from}: is it another version?`);
    const [{ 0: whole, index, groups }] = found;
    const put = to.replace(/@([a-zA-Z])/g, (_, letter) => groups[letter]);
    text = text.slice(0, index) + put + text.slice(index + whole.length);
    return groups;
  };

  // Options. `instanceof` first asks the class whether it has its own idea of it.
  const { s: some, f: value } = change('function @f(@e){if(@e==null)throw new @x("Option has no value");return @e instanceof @s?@e.value:@e}',
    'function metascriptNone(){throw new @x("Option has no value")}function @f(@e){return @e==null?metascriptNone():@e.constructor===@s?@e.value:@e}');
  change(`function @f(@e){return @e instanceof ${some}?@e.value:@e}`, `function @f(@e){return @e!=null&&@e.constructor===${some}?@e.value:@e}`);
  change(`function @f(@e){return @e==null||@e instanceof ${some}?new ${some}(@e):@e}`, `function @f(@e){return @e==null||@e.constructor===${some}?new ${some}(@e):@e}`);

  // Lists. A tail is a list or nothing, never an option inside an option.
  change(`function @f(@e){const @t=@e.tail;if(@t!=null)return ${value}(@t);throw new @x(@m+" (Parameter 'list')")}`,
    `function metascriptEmpty(){throw new @x(@m+" (Parameter 'list')")}function @f(@e){return @e.tail??metascriptEmpty()}`);
  change(`function @f(@e){if(@e.tail!=null)return @e.head;throw new @x(@m+" (Parameter 'list')")}`, 'function @f(@e){return @e.tail!=null?@e.head:metascriptEmpty()}');
  change(`function @f(@e){return((@n,@i)=>{e:for(;;){const @l=@n,@s=@i.tail;if(@s!=null){@n=@l+1,@i=${value}(@s);continue e}else return @l|0}})(0,@e)|0}`,
    'function @f(@e){let count=0;for(let at=@e.tail;at!=null;at=at.tail)count++;return count}');

  // Arrays.
  change(`function @f(@i,@t){if(@i<0||@i>=@t.length)throw new @x("Index was outside the bounds of the array. (Parameter 'index')");return @t[@i]}`,
    `function metascriptOutside(){throw new @x("Index was outside the bounds of the array. (Parameter 'index')")}function @f(@i,@t){return @i>=0&&@i<@t.length?@t[@i]:metascriptOutside()}`);

  // References to entities are looked up once.
  for (const must of ['!0', '!1']) {
    change(`function @f(@e){return @q(@e.binding,@n())?(@l(@e,${must}),`, `function @f(@e){return @e.binding??@f_found(@e)}function @f_found(@e){return @q(@e.binding,@n())?(@l(@e,${must}),`);
  }

  // What an entity has beside what all have.
  text = text.replace(shape('function @f(@e){const @t=@e.@a;if(@t!=null)return @t.@b}'), 'function $<f>($<e>){return $<e>.$<a>?.$<b>}');
  // Whether a type may be null: known, and never, for nearly all.
  change('function @f(@e,@t){let @n,@i;switch(@e.tag===1?(@n=@e.fields[0],@y(@n)&&@q(@m(@n),@v.WithoutNull)?(@i=1,@e.fields[0]):@i=2):@e.fields[0].tag===1?@i=0:@i=2,@i){case 0:return @t;',
    'function @f(@e,@t){return @e.tag===0&&@e.fields[0].tag===1?@t:@f_open(@e,@t)}function @f_open(@e,@t){let @n,@i;switch(@e.tag===1?(@n=@e.fields[0],@y(@n)&&@q(@m(@n),@v.WithoutNull)?(@i=1,@e.fields[0]):@i=2):@e.fields[0].tag===1?@i=0:@i=2,@i){case 0:return @t;');

  // Dictionaries and sets.
  for (const key of ['@k', '@k[0]']) {
    change(`function @f(@e,@t){const @n=@e.comparer.GetHashCode(@t)|0;let @i,@l=@r();return @i=[@a(@e.hashMap,@n,new @c(()=>@l,@k=>{@l=@k})),@l],@i[0]?[!0,@n,@i[1].findIndex(@k=>@e.comparer.Equals(@t,${key}))]:[!1,@n,-1]}`,
      `function @f(@e,@t){const @n=@e.comparer.GetHashCode(@t)|0,@l=@e.hashMap.get(@n);return @l===void 0?[!1,@n,-1]:[!0,@n,@l.findIndex(@k=>@e.comparer.Equals(@t,${key}))]}`);
  }

  // References to variables: most hold a value of their own, and two closures for each are too many.
  change('class @c{get contents(){return this.getter()}set contents(@v){this.setter(@v)}constructor(@g,@s){typeof @s=="function"?(this.getter=@g,this.setter=@s):(this.getter=()=>@g,this.setter=@i=>{@g=@i})}}',
    'class @c{get contents(){return this.setter===null?this.getter:this.getter()}set contents(value){this.setter===null?this.getter=value:this.setter(value)}constructor(getter,setter){this.getter=getter;this.setter=typeof setter=="function"?setter:null}}');

  // Positions are packed into integers of 64 bits: a column below 22 bits of a line, and so on.
  change('function @f(@a,@b){const @n=@x(0,@a)|0;return @p(~~~,22)),@m)))))}', 'function @f(@a,@b){return @p(BigInt((Math.max(0,@a)&2147483647)*4194304+(Math.max(0,@b)&4194303)))}');
  change('function @f(@a,@b,@c,@d,@e){return @p(~~~,1048575n~~~,4398045462528n~~~,288230374004228096n)))))}',
    'function @f(@a,@b,@c,@d,@e){return @p(BigInt((@a&1048575)+(@c&4194303)*1048576)|BigInt.asIntN(64,BigInt(@e&4194303)<<42n),BigInt(@b&2147483647)|BigInt(@d-@b&134217727)<<31n)}');

  // Records and unions: what they extend has nothing to construct.
  const record = shape('class @c{toJSON(){return @j(this)}toString(){return @t(this)}GetHashCode(){return @h(this)}Equals(@a){return @q(this,@a)}CompareTo(@b){return @o(this,@b)}}').exec(text).groups.c;
  const union = shape('@c=class{get name(){return this.cases()[this.tag]}').exec(text).groups.c;
  text = text.replace(new RegExp(`(class(?: ${NAME})?) extends (${record}|${union})\\{constructor\\(([\\w$,]*)\\)\\{super\\(\\)([,;}])`, 'g'),
    (_, head, base, parameters, end) => `${head}{static{metascriptExtend(this,${base})}constructor(${parameters}){${end === '}' ? '}' : ''}`);
  text = `function metascriptExtend(type,base){Object.setPrototypeOf(type,base);Object.setPrototypeOf(type.prototype,base.prototype)}${text}`;

  const equals = shape('function @f(@a,@b){return @a===@b?!0:@a==null?@b==null:').exec(text).groups.f;
  const wrap = shape('function @f(@a,@b,@c){return @c?BigInt.asIntN(@a,@b):BigInt.asUintN(@a,@b)}').exec(text).groups.f;
  return { text, equals, wrap };
}

const literal = (node) => node?.type === 'Literal' ? node.value : node?.type === 'UnaryExpression' && node.operator === '!' && node.argument.type === 'Literal' ? !node.argument.value : undefined;

/** Whether a `BigInt` that an expression gives surely is from 0 to 2^63 - 1. */
function isSmall(node) {
  if (node.type === 'BinaryExpression' && node.operator === '&') return [node.left, node.right].some(isSmall);
  if (node.type === 'BinaryExpression' && node.operator === '>>') return isSmall(node.left);
  const value = literal(node);
  return typeof value === 'bigint' && value >= 0n && value < 1n << 63n;
}

/** What a call may be written as; `null`: as it is. `text` gives the text of an argument. */
export const simpler = ({ equals, wrap }) => (call, text) => {
  const [a, b, c] = call.arguments;
  if (call.callee.type === 'MemberExpression') {
    const cuts = call.callee.object.name === 'BigInt' && ['asIntN', 'asUintN'].includes(call.callee.property.name);
    return cuts && literal(a) === 64 && isSmall(b) ? `(${text(b)})` : null;
  }
  switch (call.callee.name) {
    case equals:
      if (b && literal(b) === null) return `(${text(a)}==null)`;
      return null;
    case wrap:
      if (!c || literal(c) === undefined) return null;
      if (literal(a) === 64 && isSmall(b)) return `(${text(b)})`;
      return `BigInt.${literal(c) ? 'asIntN' : 'asUintN'}(${text(a)},${text(b)})`;
    case 'BigInt':
      return Number.isSafeInteger(literal(a)) ? `${literal(a)}n` : null;
    default:
      return null;
  }
};
