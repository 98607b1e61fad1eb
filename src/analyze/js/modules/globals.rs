//! Names that the platform gives, and what is known of them.

/// Reading it does nothing, and it is there. Not all that browsers have: what is missing is only kept.
pub fn is_known(name: &str) -> bool {
    const NAMES: [&str; 77] = [
        "AbortController",
        "AggregateError",
        "Array",
        "ArrayBuffer",
        "Atomics",
        "BigInt",
        "BigInt64Array",
        "BigUint64Array",
        "Blob",
        "Boolean",
        "CustomEvent",
        "DOMParser",
        "DataView",
        "Date",
        "Document",
        "Element",
        "Error",
        "EvalError",
        "Event",
        "EventTarget",
        "File",
        "Float32Array",
        "Float64Array",
        "FormData",
        "Function",
        "HTMLCanvasElement",
        "HTMLElement",
        "HTMLImageElement",
        "Headers",
        "Image",
        "Infinity",
        "Int16Array",
        "Int32Array",
        "Int8Array",
        "Intl",
        "JSON",
        "Map",
        "Math",
        "NaN",
        "Node",
        "Number",
        "Object",
        "Promise",
        "Proxy",
        "RangeError",
        "ReferenceError",
        "Reflect",
        "RegExp",
        "Request",
        "Response",
        "Set",
        "String",
        "Symbol",
        "SyntaxError",
        "TextDecoder",
        "TextEncoder",
        "TypeError",
        "URIError",
        "URL",
        "URLSearchParams",
        "Uint16Array",
        "Uint32Array",
        "Uint8Array",
        "Uint8ClampedArray",
        "WeakMap",
        "WeakSet",
        "clearTimeout",
        "console",
        "document",
        "globalThis",
        "isNaN",
        "navigator",
        "parseFloat",
        "parseInt",
        "self",
        "setTimeout",
        "window",
    ];
    NAMES.binary_search(&name).is_ok() || matches!(name, "undefined" | "isFinite" | "performance")
}

/// Reading `path` does nothing. Of paths deeper than one name only those of the language are known to exist.
pub fn is_readable(path: &[&str]) -> bool {
    match path {
        [name] | [name, _] => is_known(name),
        [name, "prototype", _] => is_known(name) && name.starts_with(|c: char| c.is_ascii_uppercase()),
        _ => false,
    }
}

/// A function that only computes. Arguments that throw are left out of account, as bundlers do.
pub fn is_pure_function(path: &[&str]) -> bool {
    match path {
        ["Math", name] => name.starts_with(|c: char| c.is_ascii_lowercase()),
        ["Array" | "ArrayBuffer", "isArray" | "isView" | "of"] => true,
        ["Date", "now" | "parse" | "UTC"] => true,
        ["Number", "isFinite" | "isInteger" | "isNaN" | "isSafeInteger" | "parseFloat" | "parseInt"] => true,
        [
            "Object",
            "create"
            | "getOwnPropertyDescriptor"
            | "getOwnPropertyNames"
            | "getOwnPropertySymbols"
            | "getPrototypeOf"
            | "hasOwn"
            | "is"
            | "isExtensible"
            | "isFrozen"
            | "isSealed"
            | "keys",
        ] => true,
        ["String", "fromCharCode" | "fromCodePoint" | "raw"] | ["Symbol", "for" | "keyFor"] => true,
        ["URL", "canParse"] => true,
        [name] => matches!(
            *name,
            "Boolean"
                | "Date"
                | "Error"
                | "Number"
                | "Object"
                | "RangeError"
                | "RegExp"
                | "String"
                | "Symbol"
                | "TypeError"
                | "decodeURIComponent"
                | "encodeURIComponent"
                | "isFinite"
                | "isNaN"
                | "parseFloat"
                | "parseInt"
        ),
        _ => false,
    }
}

/// `new` of it only makes an object.
pub fn is_pure_constructor(name: &str) -> bool {
    is_collection(name)
        || name.ends_with("Array") && name != "Array" && !name.starts_with("Big") && is_known(name)
        || name.ends_with("Error") && is_known(name)
        || matches!(name, "ArrayBuffer" | "Boolean" | "DataView" | "Date" | "Number" | "Object" | "RegExp" | "String")
}

/// What `new` of it makes may be, or look into, what it is given.
pub fn is_view(name: &str) -> bool {
    name.ends_with("Array") || matches!(name, "DataView" | "Object")
}

/// What is iterated by it must be an array of this text, or nothing.
pub fn is_collection(name: &str) -> bool {
    matches!(name, "Map" | "Set" | "WeakMap" | "WeakSet" | "AggregateError")
}

/// Methods of arrays and strings that run no function they are given, and change nothing.
pub fn is_pure_method(name: &str) -> bool {
    matches!(
        name,
        "at" | "charAt"
            | "charCodeAt"
            | "codePointAt"
            | "concat"
            | "endsWith"
            | "entries"
            | "flat"
            | "get"
            | "has"
            | "includes"
            | "indexOf"
            | "join"
            | "keys"
            | "lastIndexOf"
            | "padEnd"
            | "padStart"
            | "repeat"
            | "slice"
            | "split"
            | "startsWith"
            | "substring"
            | "toLowerCase"
            | "toUpperCase"
            | "trim"
            | "trimEnd"
            | "trimStart"
            | "values"
    )
}

/// Methods that change what they are called on, and nothing else.
pub fn is_changing_method(name: &str) -> bool {
    matches!(
        name,
        "add"
            | "clear"
            | "copyWithin"
            | "delete"
            | "fill"
            | "pop"
            | "push"
            | "reverse"
            | "set"
            | "shift"
            | "splice"
            | "unshift"
    )
}

/// Methods of arrays that call their first argument and change nothing themselves.
pub fn is_calling_method(name: &str) -> bool {
    matches!(
        name,
        "every"
            | "filter"
            | "find"
            | "findIndex"
            | "findLast"
            | "flatMap"
            | "forEach"
            | "map"
            | "reduce"
            | "reduceRight"
            | "some"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted() {
        assert!(["AbortController", "Math", "Object", "window", "Map", "WeakSet", "isNaN"].iter().all(|n| is_known(n)));
        assert!(!is_known("jQuery"));
    }
}
