rule archive_part:
    input:
        archived,
    output:
        f"{ROOT}/archive/{{what}}.tar.zst",
    log:
        f"{ROOT}/logs/archive-{{what}}.log",
    localrule: True
    params:
        root=root,
    shell:
        "harmonica archive {params.root} {wildcards.what} 2>&1 | tee {log}"


rule archive:
    input:
        SEARCH.archives(),
    localrule: True
