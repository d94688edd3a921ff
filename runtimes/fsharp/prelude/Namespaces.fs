// Namespaces that scripts open and whose types the metadata lacks.
namespace System.Linq

type internal Empty = class end

namespace System.Net.Http.Json

type internal Empty = class end

namespace System.Text.Json.Nodes

type internal Empty = class end

namespace System.Security.Cryptography

type internal Empty = class end

namespace System.Globalization

type internal Empty = class end
