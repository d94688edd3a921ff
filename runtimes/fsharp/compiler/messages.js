// Words for the diagnostics whose text Fable's build of the compiler leaves out.
export const MESSAGES = {
  20: "The result of this expression is implicitly ignored. Consider using 'ignore' to discard this value explicitly, e.g. 'expr |> ignore', or 'let' to bind the result to a name, e.g. 'let result = expr'.",
  25: 'Incomplete pattern matches on this expression.',
  26: 'This rule will never be matched',
  49: 'Uppercase variable identifiers should not generally be used in patterns, and may indicate a missing open declaration or a misspelt pattern name.',
  58: 'Possible incorrect indentation: this token is offside of an enclosing context.',
  64: 'This construct causes code to be less generic than indicated by the type annotations.',
  104: 'Enums may take values outside known cases.',
  193: 'This expression is a function value, i.e. is missing arguments.',
};

/** Fable's build fills the places of a text in the order in which they stand, which is wrong where their numbers go down. */
const SWAPPED = /^This expression was expected to have type\s+'([^]*?)'\s+but here has type\s+'([^]*?)'(?=\s|$)/;

/** The message with what was expected and what was found in their right places. */
export const righted = (message) =>
  message.replace(SWAPPED, (_, found, expected) => `This expression was expected to have type\n    '${expected}'\nbut here has type\n    '${found}'`);
