{#-
    Which names of files are those of a licence, as people write them. dim_models.has_license_file and the licence marts
    rely on it. When it fails, the pattern in macros/license_files.sql was broken, or an engine reads it otherwise.
-#}
with

named as (
    {% for name, is_license in [
        ('LICENSE', true), ('LICENCE', true), ('license', true), ('License.txt', true), ('LICENSE.md', true),
        ('COPYING', true), ('COPYING.LESSER', true), ('UNLICENSE', true), ('LICENSE-APACHE', true),
        ('LICENSE-APACHE-2.0.txt', true), ('MODEL_LICENSE', true), ('LICENSE.MIT', true), ('licence.pdf', true),
        ('LICENSES/MIT.txt', true), ('Llama 3 License.txt', true), ('LICENSE_CODE', true),
        ('NOTICE', false), ('USE_POLICY.md', false), ('license_plates.onnx', false), ('license.py', false),
        ('src/LICENSE', false), ('licensed.md', false), ('README.md', false), ('copying_task.json', false),
        ('LICENSE.json', false),
    ] %}
        {% if not loop.first %}union all{% endif %}
        select
            {{ list_of(['config.json', name, 'model.safetensors']) }} as siblings,
            {{ is_license }} as is_license
    {% endfor %}
    union all
    select
        {{ list_of(['notes on the license', 'a.txt']) }} as siblings,
        true as is_license
),

wrong as (
    select * from named
    where {{ has_license_file('siblings') }} != is_license
)

select * from wrong
