{#- Whether the names of two repositories say that they hold one model, uploaded again by somebody else. -#}

{#- A name without the words at its end that tell a format or that it is a copy, and without what parts its words. -#}
{% macro name_of_contents(name) -%}
    {%- set containers = 'gguf|ggml|awq|gptq|exl[23]|mlx|onnx|openvino|safetensors|hf|bnb|unsloth' -%}
    {%- set precisions = 'fp(?:4|8|16|32)|bf16|f16|f32|nvfp4|mxfp4|int[48]|[2-8][-_. ]?bits?|w[0-9]+a[0-9]+' -%}
    {%- set levels = 'i?q[1-8](?:_[0-9a-z]+)*|i1|imatrix|[0-9]+(?:[.][0-9]+)?bpw|quant|quants|quantized|dynamic' -%}
    {%- set copies = 'copy|clone|mirror|backup|fork|duplicate|re-?upload|reuploaded|original' -%}
    translate(
        regexp_replace({{ name }}, '(?:[-_. ]+(?:{{ containers }}|{{ precisions }}|{{ levels }}|{{ copies }}))+$', ''),
        '-_. ',
        ''
    )
{%- endmacro %}


{#-
    Whether `other_id` is named as a re-upload of `model_id`, both in lower case: the same name under another owner, or
    the owner's name put before it (owner_name, owner_-_name). Words of formats and copies at the end do not count. A
    name that many would choose by themselves (checkpoint-1000, my-model) says nothing.
-#}
{% macro is_named_as_reupload(model_id, other_id) -%}
    {%- set contents = modelkin.name_of_contents("split_part(" ~ model_id ~ ", '/', 2)") -%}
    {%- set other_contents = modelkin.name_of_contents("split_part(" ~ other_id ~ ", '/', 2)") -%}
    {%- set owner = "translate(split_part(" ~ model_id ~ ", '/', 1), '-_. ', '')" -%}
    {%- set common = 'my|the|model|models|test|tests|demo|checkpoint|output|outputs|result|results|final|run|exp' -%}
    {%- set common = common ~ '|experiment|finetuned|finetune|lora|adapter|base|trained|training|new|best|llm|sft|v' -%}
    split_part({{ model_id }}, '/', 1) != split_part({{ other_id }}, '/', 1)
    and length({{ contents }}) >= 5
    and regexp_extract({{ contents }}, '^(?:{{ common }})*[0-9]*$', 0) = ''
    and {{ other_contents }} in ({{ contents }}, concat({{ owner }}, {{ contents }}))
{%- endmacro %}
