"""A small procedure of a file's own papers, for tests that break it in one place."""

from __future__ import annotations

SMALL = """\
code: small_one
name: Cấp giấy thử
version: "1"
effective_from: 2025-07-01
effective_to: 2027-02-28
detect: [don_thu]
components:
  - {code: 000.00.00.H00-KQ900101, name: Đơn thử, types: [don_thu]}
  - code: 000.00.00.H00-KQ900102
    name: Giấy chứng sinh
    required: conditional
    types: [giay_chung_sinh]
    condition: có con
    when: {type: don_thu, key: co_con, among: [Có]}
documents:
  - type: don_thu
    name: Đơn thử
    recognise: {titles: [ĐƠN THỬ]}
    fields:
      - {key: ho_ten, label: Họ và tên, kind: name, required: true, key_field: true}
      - {key: gioi_tinh, label: Giới tính, kind: sex}
      - {key: co_con, label: Có con, kind: choice, choices: [Có, Không]}
      - key: con
        label: Các con
        kind: table
        columns:
          - {key: ho_ten, label: Họ và tên, kind: name}
          - {key: nam_sinh, label: Năm sinh, kind: partial_date}
rules:
  - {rule: dates_not_future}
  - {rule: signature_present, params: {type: don_thu, key: ho_ten}}
time_limit: {working_days: 3}
fee: {amount_vnd: 0}
results: [{name: Giấy thử}]
"""
