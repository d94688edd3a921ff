/** What "New Script" starts with: one of each thing that a newcomer meets first. */
export const FIRST_SCRIPT = `DESCRIBE {
    name: "My first metascript"
    version: "1.0"
    description: "Two languages, one script"
}

VARIABLE who {
    value: "world"
}

PYTHON {
    squares = [n * n for n in range(5)]
    print("hello from Python")
    squares
}

JAVASCRIPT {
    console.log("hello from JavaScript");
    [1, 2, 3].map(n => n * 10)
}
`;
