/// What `kiln init` writes: every key with its default, commented out.
pub const TEMPLATE: &str = r##"# Settings of kiln. Every line shows the default; remove its "# " to change it.
# The same settings as variables: KILN_BASE_URL, KILN_IMAGES_QUALITY ... Flags win over both.

# Where the site is served. Guessed from the pages when left out.
#! base_url = "https://example.org/docs/"

# Only these files are optimised; the others are copied. Globs relative to the site.
#! include = ["**"]

# These files are copied untouched.
# exclude = []

# Renamed files stay available under their old name: "all", "unhashed" (all but names that
# carry a bundler's hash) or "none".
# keep_originals = "unhashed"

# Folder of the cache; the platform's cache folder when left out.
#! cache_dir = ".kiln/cache"

# Threads; all cores when left out.
#! jobs = 2

# Exit with 1 on warnings too.
# strict = false

# Ask no server: pictures of `images.remote` come from the cache alone.
# offline = false

[images]
# enabled = true
# exclude = []
# Modern formats to offer beside the original.
# formats = ["avif", "webp"]
# How good lossy pictures are, on the encoders' own scales. Or by eye, for five times the time: the score of
# SSIMULACRA2 that each file reaches, 10 to 95; 90 shows no difference, 70 little.
# quality = { avif = 56, webp = 76, jpeg = 80 }
# How hard to try for small files: "fast", "balanced" or "max".
# effort = "balanced"
# "recompress" the site's own JPEGs where that saves at least a tenth, or "keep" them.
# jpeg = "recompress"
# Pictures that scripts or frameworks show have one address, so one format: "keep" theirs, or "webp" or "avif" for browsers
# that all read it.
# js = "keep"
# Widths in pixels that are offered besides the full one.
# widths = [480, 800, 1200, 1800]
# What stands in a picture's place until it has come: "none", its "color", or a tiny "blur" of it.
# placeholder = "none"
# Larger pictures are copied.
# max_megapixels = 100
# Pictures on other hosts that are fetched, and then treated as the site's own. Globs of their addresses, with the scheme
# and the host in full: "https://images.example.com/**".
# remote = []
# Scripts that let the pictures of pages be: they neither give them another src, ask how large their files are, go by where
# they stand, nor make them wider. Globs of their paths; of their URLs, if they are of other origins.
# trusted_scripts = []
# Name several widths of pictures that a known image service makes in any width, as Unsplash, imgix and Cloudinary do.
# cdn = false

[css]
# enabled = true
# exclude = []
# Drop rules that nothing on the whole site can match.
# shake = true
# Put rules of its sheets into a page, so that it is drawn before they have come: those that its first "screen" needs, or
# those that anything on the "page" needs; or "none".
# critical = "none"
# Classes, ids, tags, attributes, animations, fonts and custom properties whose rules stay, as globs: "js-*".
# safelist = []
# Scripts of other origins that use no class of this site's sheets, as globs of their URLs.
# trusted_scripts = []
# "keep" or "drop" licence comments.
# licenses = "keep"

[js]
# enabled = true
# exclude = []
# Drop statements and exports of modules that nothing on the whole site needs.
# shake = true
# Leave out modules that no page loads and nothing else names.
# prune = false
# licenses = "keep"
# "compose" the input's source maps with the minifier's, or "drop" them.
# source_maps = "compose"
# Who the site is for, as a browserslist query: `kiln plan` names polyfills that none of these needs.
# browsers = "defaults"

[html]
# enabled = true
# exclude = []
# Runs of white space become one blank where that cannot show. None is ever removed.
# collapse_whitespace = true
# Modern image formats through <picture>, where no selector or script can notice.
# picture = true
# Keep one copy of an inline SVG that a page repeats; the others use its drawing, where no selector or script can notice.
# reuse_svg = false
# Switch `csp` on where the server sends a Content-Security-Policy that forbids inline code or styles, or lists their
# hashes: what stands in the pages stays. Left out, files like _headers in the folder tell.

[layout]
# enabled = true
# exclude = []
# Screens in CSS pixels that pages are laid out for: sizes, widths and priorities of images.
# viewports = ["390x844", "768x1024", "1440x900"]
# Pixels of a screen per CSS pixel.
# ratios = [1, 2, 3]

[svg]
# enabled = true
# exclude = []

[json]
# enabled = true
# exclude = []

[xml]
# enabled = true
# exclude = []

[fingerprint]
# enabled = true
# exclude = []
# Files that keep their names.
# pin = []

[headers]
# enabled = true
# exclude = []
# "netlify" or "cloudflare" (a _headers file), "nginx" (kiln-headers.conf).
# hosts = ["netlify"]

[limits]
# Larger files are copied.
# file_size = "512 MiB"
# What decoded pictures may take at once.
# memory = "512 MiB"
# Larger pictures of other hosts are not fetched.
# remote_size = "20 MiB"
# Seconds that fetching one of them may take.
# remote_seconds = 30
"##;
